import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { InputError } from '../core/errors.js';
import { nearest } from '../nearest.js';
import type { Named } from './named.js';
import { LONGEST } from './protocols.js';
import { searchedTests } from './searched.js';
import { committedTests, readTextFile } from './tests.js';

/** A function that a variant changes, or one step of it. */
interface Part {
  readonly fn: string;
  readonly label: string | undefined;
}

/** Enough to come to every function and step that a test comes to at all. */
const STATES_PER_TEST = 4_000;

/**
 * Refuses a protocol from a file that changes nothing in what these tests do, or of
 * which a part is reached by no test at all: then it says nothing of what it is for.
 * @throws InputError with the place in the file
 */
export function refuseIdle(named: Named, tests: readonly LitmusTest[]): void {
  const path = fileOf(named);
  if (path === undefined) return;
  const { protocol } = named;
  const parts = partsOf(protocol);
  const asked = look(protocol, tests);
  const idle = parts.filter((part) => !isReached(protocol, part, asked));
  if (idle.length === 0) return;
  const isWholly = idle.length === parts.length;
  // Committed tests know nothing of a kind of memory that a variant brings along.
  if (!isWholly && protocol.own.kinds.length > 0) return;
  const all = look(protocol, committedTests());
  const never = idle.find((part) => !isReached(protocol, part, all));
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
  return Object.entries(changes).flatMap(([fn, { edits = [] }]): Part[] => [
    { fn, label: undefined },
    ...edits.map(({ label }) => ({ fn, label })),
  ]);
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

const isReached = (
  { changes }: Protocol,
  { fn, label }: Part,
  looked: ReadonlyMap<string, Looked>,
): boolean =>
  label === undefined
    ? looked.has(fn)
    : changes[fn]!.edits!.some((e) => e.label === label && e.isReached);

function whyNot(
  { id, base }: Protocol,
  { fn, label }: Part,
  looked: ReadonlyMap<string, Looked>,
): string {
  if (label === undefined) return `${fn}() is reached by no committed test under ${id}`;
  const known = [...(looked.get(fn)?.steps ?? [])].map(firstWord);
  return (
    `no test comes to a step '${label}' of ${fn}()${nearest(firstWord(label), known)}; ` +
    `see 'gmemcheck show ${fn} --protocol ${base?.id ?? id}'`
  );
}

const firstWord = (text: string): string => /^\w+/.exec(text)?.[0] ?? text;

/** file:line of the label, or else of the function. */
function placeOf(path: string, { fn, label }: Part): string {
  const lines = readTextFile(path, LONGEST).split('\n');
  const find = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;
  const line = (label && (find(`'${label}`) || find(`"${label}`))) || find(fn);
  return line > 0 ? `${path}:${line}` : path;
}
