import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import type { Edited } from '../../models/source.js';
import { InputError } from '../core/errors.js';
import { nearest } from '../nearest.js';
import { lineOf, placeIn } from './blame.js';
import { isTheSame } from './behaviour.js';
import type { Named } from './named.js';
import { searchedTests } from './searched.js';
import { committedTests } from './tests.js';

/** A function that a variant changes, or one change of it. */
interface Part {
  readonly fn: string;
  /** Unless given, it is another function altogether. */
  readonly edit: Edited | undefined;
}

/** Enough to come to every function and step that a test comes to at all. */
const STATES_PER_TEST = 4_000;

/**
 * Refuses a protocol from a file that changes nothing in what these tests do, or of
 * which a part has no effect in any test: then it says nothing of what it is for.
 * @throws InputError with the place in the file
 */
export function refuseIdle(named: Named, tests: readonly LitmusTest[]): void {
  const path = fileOf(named);
  if (path === undefined) return;
  const { protocol } = named;
  const parts = partsOf(protocol);
  if (parts.length === 0) return refuseSame(path, protocol);
  refuseIdleParts(path, protocol, parts, tests);
  if (!isTheSame(protocol, tests)) return;
  const names = [...new Set(parts.map(({ fn }) => `${fn}()`))];
  throw new InputError(
    `${placeOf(path, parts[0]!)}: ${protocol.id} makes no difference: with ${names.join(', ')} of ` +
      `its own every test goes through the same states as under ${protocol.base!.id}`,
  );
}

/** It may lack operations, or have some of its own: but it has to differ. */
function refuseSame(path: string, { id, base, own, kinds, lacks, ...flags }: Protocol): void {
  const { changes: _changes, functions: _functions, title: _title, ...more } = flags;
  const isSame =
    base &&
    [own === base.own, kinds === base.kinds, lacks === base.lacks].every(Boolean) &&
    Object.entries(more).every(([name, value]) => base[name as keyof typeof more] === value);
  if (isSame) throw new InputError(`${path}: ${id} changes nothing of ${base.id}`);
}

function refuseIdleParts(
  path: string,
  protocol: Protocol,
  parts: readonly Part[],
  tests: readonly LitmusTest[],
): void {
  const asked = look(protocol, tests);
  const idle = parts.filter((part) => !hasEffect(part, asked));
  if (idle.length === 0) return;
  const isWholly = idle.length === parts.length;
  // Committed tests know nothing of a kind of memory that a variant brings along.
  const { kinds } = protocol.own;
  const isOfThese = tests.some(({ scenario }) => kinds.includes(scenario.memory));
  if (kinds.length > 0 && !(isWholly && isOfThese)) return;
  const all = look(protocol, committedTests());
  const never = idle.find((part) => !hasEffect(part, all));
  if (never) throw new InputError(`${placeOf(path, never)}: ${whyNot(protocol, never, all)}`);
  const [{ fn }] = idle as [Part];
  if (isWholly)
    throw new InputError(
      `${placeOf(path, idle[0]!)}: ${protocol.id} changes nothing that is reached here; ` +
        `tests that come to ${fn}() are ${all.get(fn)!.tests.slice(0, 3).join(', ')}`,
    );
}

/** The file that a protocol came from, if it did. */
function fileOf({ reference }: Named): string | undefined {
  const hash = reference.lastIndexOf('#');
  return hash < 0 ? undefined : reference.slice(0, hash);
}

function partsOf({ changes }: Protocol): Part[] {
  return Object.entries(changes).flatMap(([fn, { edits = [] }]): Part[] =>
    edits.length > 0 ? edits.map((edit) => ({ fn, edit })) : [{ fn, edit: undefined }],
  );
}

/** What tests were seen to do with a function that is changed. */
interface Looked {
  /** Tests that call it. */
  readonly tests: string[];
  /** Labels of its steps, names of its calls. */
  readonly steps: Set<string>;
}

/** Searches the tests; steps that are changed mark themselves as reached meanwhile. */
function look(protocol: Protocol, tests: readonly LitmusTest[]): Map<string, Looked> {
  const all = new Map<string, Looked>();
  for (const { test, machine } of searchedTests(protocol, tests, STATES_PER_TEST))
    for (const { def, pending } of machine.automaton.frames.states) {
      if (!Object.hasOwn(protocol.changes, def.name)) continue;
      let looked = all.get(def.name);
      if (!looked) all.set(def.name, (looked = { tests: [], steps: new Set() }));
      if (looked.tests.at(-1) !== test.name) looked.tests.push(test.name);
      if (pending.kind === 'step') looked.steps.add(pending.label);
      if (pending.kind === 'call') looked.steps.add(pending.name);
    }
  return all;
}

const hasEffect = ({ fn, edit }: Part, looked: ReadonlyMap<string, Looked>): boolean =>
  edit ? edit.hasEffect : looked.has(fn);

function whyNot(
  { id, base }: Protocol,
  { fn, edit }: Part,
  looked: ReadonlyMap<string, Looked>,
): string {
  if (!looked.has(fn)) return `${fn}() is reached by no committed test under ${id}`;
  if (!edit?.label || edit.isReached) return `${fn}(): ${edit!.idle}, in every test`;
  const known = [...(looked.get(fn)?.steps ?? [])].map(firstWord);
  return (
    `no test comes to a step '${edit.label}' of ${fn}()${nearest(firstWord(edit.label), known)}; ` +
    `see 'gmemcheck show ${fn} --protocol ${base?.id ?? id}'`
  );
}

const firstWord = (text: string): string => /^\w+/.exec(text)?.[0] ?? text;

/** file:line of the change, or else of the function. */
const placeOf = (path: string, { fn, edit }: Part): string =>
  (edit && placeIn(edit.made)) ?? lineOf(path, fn);
