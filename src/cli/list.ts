import { invariants } from '../../models/invariants/index.js';
import { progress } from '../../models/progress/index.js';
import { entries } from '../../models/operations.js';
import { races } from '../../models/races/index.js';
import { protocols } from '../../models/protocols/index.js';
import { expectationText, protocolsOf } from '../check/expectation.js';
import { modelFingerprint } from '../check/fingerprint.js';
import { committedTests } from '../check/tests.js';
import { InputError } from '../core/errors.js';
import { nearest } from '../nearest.js';
import { wrap } from '../report/wrap.js';
import { packageVersion } from '../root.js';
import { OK, type Out } from './options.js';

interface Item {
  readonly id: string;
  readonly text: string;
  readonly [more: string]: unknown;
}

const SECTIONS: Readonly<Record<string, () => Item[]>> = {
  protocols: () =>
    protocols.map((p) => ({
      id: p.id,
      text: p.title,
      base: p.base?.id ?? null,
      memory: p.kinds,
      changes: Object.keys(p.changes),
    })),
  tests: () =>
    committedTests().map((t) => ({
      id: t.name,
      text: t.title,
      memory: t.scenario.memory,
      protocols: protocolsOf(t),
      expects: t.expectations.map(
        (e) => `${e.protocols.map((p) => p.text).join(' ')}: ${expectationText(e)}`,
      ),
    })),
  invariants: () =>
    invariants.map((i) => ({
      id: i.id,
      text: i.statement,
      source: i.source,
      byDefault: i.byDefault,
    })),
  progress: () => progress.map(({ id, statement, ...more }) => ({ id, text: statement, ...more })),
  races: () =>
    races.map(({ id, number, what, ...more }) => ({
      id,
      number,
      text: `${number}: ${what}`,
      ...more,
    })),
  flows: () =>
    Object.entries(entries).map(([id, e]) => ({
      id,
      text: `enters ${e.enters}()`,
      enters: e.enters,
    })),
};

/** `gmemcheck list [SECTION]`. @returns the exit status. @throws InputError */
export function runList(
  section: string | undefined,
  args: { readonly json?: boolean },
  out: Out,
): number {
  const names = Object.keys(SECTIONS);
  if (section !== undefined && !Object.hasOwn(SECTIONS, section))
    throw new InputError(
      `cannot list '${section}'${nearest(section, names)}; expected one of ${names.join(', ')}`,
    );
  const shown = section === undefined ? names : [section];
  if (args.json) {
    const lists = Object.fromEntries(shown.map((name) => [name, SECTIONS[name]!()]));
    const head = { version: packageVersion, model: modelFingerprint() };
    out(`${JSON.stringify({ ...head, ...lists }, null, 2)}\n`);
    return OK;
  }
  out(`gmemcheck ${packageVersion}, model ${modelFingerprint()}\n`);
  for (const name of shown) {
    out(`\n${name}\n`);
    for (const item of SECTIONS[name]!()) out(`${entry(item)}\n`);
  }
  return OK;
}

/** Where it is from, if it says so, is on lines of its own. */
function entry({ id, text, source }: Item): string {
  const indent = ' '.repeat(32);
  const head = `  ${id}`;
  const from = typeof source === 'string' ? wrap(`(${source})`, indent) : [];
  const lines = [...wrap(text, indent), ...from];
  if (head.length < indent.length - 1) {
    lines[0] = head + lines[0]!.slice(head.length);
    return lines.join('\n');
  }
  return [head, ...lines].join('\n');
}
