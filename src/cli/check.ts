import type { LitmusTest } from '../../models/language/index.js';
import type { MemoryKind } from '../../models/state/shape.js';
import { checkTest, type Checked, type CheckOptions, type Strategy } from '../check/check.js';
import { diagramOf } from '../check/diagram.js';
import { expectationOf, expectationText, protocolsOf } from '../check/expectation.js';
import { findProtocol, type Named } from '../check/protocols.js';
import { findTests } from '../check/tests.js';
import { InputError } from '../core/errors.js';
import { questionLines } from '../report/question.js';
import { replayLines, resultLines } from '../report/verdicts.js';
import { OK, UNDECIDED, UNEXPECTED, type Out } from './options.js';

export interface CheckArguments {
  readonly protocol?: string;
  readonly memory?: MemoryKind;
  readonly strategy: Strategy;
  readonly maxStates: number;
  readonly runs: number;
  readonly seed: number;
  readonly json?: boolean;
  /** Verdicts only, without the diagrams. */
  readonly brief?: boolean;
  /** Diagrams without call nesting. */
  readonly flat?: boolean;
}

/** `gmemcheck check`. @returns the exit status. @throws InputError */
export async function runCheck(
  names: readonly string[],
  args: CheckArguments,
  out: Out,
): Promise<number> {
  const tests = findTests(names);
  const options: CheckOptions = { ...args, memory: args.memory };
  const asked = args.protocol === undefined ? undefined : await findProtocol(args.protocol);
  const results: Checked['result'][] = [];
  for (const test of tests)
    for (const named of await protocolsFor(test, asked)) {
      const checked = attempt(test, named, options, asked !== undefined && names.length === 0);
      if (typeof checked === 'string') {
        if (!args.json) out(`${test.name}  ${named.protocol.id}  skipped: ${checked}\n\n`);
        continue;
      }
      results.push(checked.result);
      if (!args.json) out(textOf(checked, args));
    }
  if (results.length === 0) throw new InputError('nothing to check: no test fits');
  if (args.json) out(`${JSON.stringify(results, null, 2)}\n`);
  else out(summary(results));
  return statusOf(results);
}

async function protocolsFor(test: LitmusTest, asked: Named | undefined): Promise<Named[]> {
  if (asked) return [asked];
  const ids = protocolsOf(test);
  if (ids.length === 0)
    throw new InputError(
      `${test.name} names no protocol: add a line such as 'expect 6.12: holds', or give --protocol`,
    );
  return Promise.all(ids.map(findProtocol));
}

/** A test of the whole battery that a protocol cannot run is skipped, with the reason. */
function attempt(
  test: LitmusTest,
  named: Named,
  options: CheckOptions,
  mayskip: boolean,
): Checked | string {
  try {
    return checkTest(test, named, options);
  } catch (error) {
    if (mayskip && error instanceof InputError) return error.message;
    throw error;
  }
}

function textOf(checked: Checked, args: CheckArguments): string {
  const { brief } = args;
  const { result, test } = checked;
  const expectation = expectationText(expectationOf(test, result.protocol));
  const parts = [...resultLines(result, expectation)];
  if (!brief && result.verdict === 'violated')
    parts.push('', ...questionLines(test.litmus), '', diagramOf(checked, args.flat).trimEnd());
  if (!brief && result.token) parts.push(...replayLines(result.token));
  return `${parts.join('\n')}\n\n`;
}

function summary(results: readonly Checked['result'][]): string {
  const count = (verdict: string): number => results.filter((r) => r.verdict === verdict).length;
  const unexpected = results.filter((r) => !r.expected && r.verdict !== 'undecided').length;
  return (
    `${results.length} verdicts: ${count('violated')} violated, ${count('holds')} hold, ` +
    `${count('undecided')} undecided; ` +
    (unexpected === 0 ? 'all as expected\n' : `${unexpected} NOT as expected\n`)
  );
}

function statusOf(results: readonly Checked['result'][]): number {
  if (results.some((r) => !r.expected && r.verdict !== 'undecided')) return UNEXPECTED;
  return results.some((r) => r.verdict === 'undecided') ? UNDECIDED : OK;
}
