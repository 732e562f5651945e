import { expect } from 'vitest';
import { committedTests } from '../../src/check/tests.js';
import { CONDITION } from '../../src/explore/verdict.js';
import { gmemcheck } from './run.js';

/** Ways of finding a run that breaks a property, beside a search of every state. */
export const WAYS: readonly (readonly string[])[] = [
  ['--strategy', 'exhaustive', '--reduce', 'all'],
  ['--strategy', 'contexts'],
  ...['random', 'pct', 'urw', 'portfolio'].map((name) => ['--strategy', name, '--runs', '3000']),
];

/** A committed test with a protocol that it is violated under. */
export interface Violated {
  readonly test: string;
  readonly protocol: string;
  readonly property: string;
}

/** Where no run is what an `exists` looks for, there is none to replay. */
export function violatedTests(): Violated[] {
  return committedTests().flatMap(({ name, expectations, text }) =>
    expectations.flatMap(({ verdict, property, protocols }) =>
      verdict === 'violated' && !(property!.text === CONDITION && /^exists\b/m.test(text))
        ? protocols.map((p) => ({ test: name, protocol: p.text, property: property!.text }))
        : [],
    ),
  );
}

/** Is it that somebody does not get on? Only a search of every state tells. */
export const isOfProgress = ({ property }: Violated): boolean =>
  property === 'doomed' || property === 'livelock';

/**
 * Checks a test and replays the token that it prints: the diagram must be the
 * very one, the loop and the broken property included.
 * @returns whether there was a run to replay
 */
export async function replaysAsChecked(
  { test, protocol }: Violated,
  way: readonly string[],
): Promise<boolean> {
  const { out } = await gmemcheck('check', test, '--protocol', protocol, ...way);
  const token = /^ {2}(gmc1-\S+)$/m.exec(out)?.[1];
  if (token === undefined) return false;
  const checked = out.slice(out.indexOf('\n\n') + 2, out.indexOf('\n\nTo replay it:'));
  const replayed = await gmemcheck('replay', token);
  expect(replayed).toMatchObject({ status: 0, err: '' });
  const diagram = replayed.out.slice(replayed.out.indexOf('\n\n') + 2).trimEnd();
  expect(diagram).not.toBe('');
  expect(checked.endsWith(`\n\n${diagram}`), `${out}\n--- replayed:\n${replayed.out}`).toBe(true);
  return true;
}
