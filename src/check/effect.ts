import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { InputError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import { nearest } from '../nearest.js';
import { LONGEST, type Named } from './protocols.js';
import { searchedTests } from './searched.js';
import { committedTests, readTextFile } from './tests.js';

/** A function that a variant changes, or one step of it. */
interface Part {
  readonly fn: string;
  readonly label: string | undefined;
}

/**
 * Refuses a protocol from a file that changes nothing in what these tests do, or of
 * which a part is reached by no test at all: then it says nothing of what it is for.
 * Each test is searched only as far as `show` looks.
 * @throws InputError with the place in the file
 */
export function refuseIdle(named: Named, tests: readonly LitmusTest[]): void {
  const path = fileOf(named);
  if (path === undefined) return;
  const { protocol } = named;
  const idle = partsUnreached(protocol, tests);
  if (idle.length === 0) return;
  const isWholly = idle.length === partsOf(protocol).length;
  // Committed tests know nothing of a kind of memory that a variant brings along.
  if (!isWholly && protocol.own.kinds.length > 0) return;
  // What is reached stays marked: only what no test comes to is left now.
  const never = partsUnreached(protocol, committedTests());
  const first = never.find((n) => idle.some((i) => i.fn === n.fn && i.label === n.label));
  if (first) throw new InputError(`${placeOf(path, first)}: ${whyNot(protocol, first)}`);
  if (isWholly)
    throw new InputError(
      `${placeOf(path, idle[0]!)}: ${protocol.id} changes nothing that is reached here; ` +
        `tests that come to ${idle[0]!.fn}() are ${testsThatReach(protocol, idle[0]!.fn)}`,
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

function partsUnreached(protocol: Protocol, tests: readonly LitmusTest[]): Part[] {
  const called = new Set<string>();
  for (const { machine } of searchedTests(protocol, tests))
    for (const fn of calledIn(machine)) called.add(fn);
  return partsOf(protocol).filter(({ fn, label }) =>
    label === undefined
      ? !called.has(fn)
      : !protocol.changes[fn]!.edits!.some((e) => e.label === label && e.isReached),
  );
}

const calledIn = (machine: Machine): Set<string> =>
  new Set(machine.automaton.frames.states.map((s) => s.def.name));

function whyNot(protocol: Protocol, { fn, label }: Part): string {
  if (label === undefined) return `${fn}() is reached by no committed test under ${protocol.id}`;
  const steps = stepsIn(protocol, fn);
  const known = steps.map((s) => /^\w+/.exec(s)?.[0] ?? s);
  const word = /^\w+/.exec(label)?.[0] ?? label;
  return (
    `no test comes to a step '${label}' of ${fn}()${nearest(word, known)}; ` +
    `see 'gmemcheck show ${fn} --protocol ${protocol.base?.id ?? protocol.id}'`
  );
}

/** What the function itself asks for: labels of steps, names of calls. */
function stepsIn(protocol: Protocol, fn: string): string[] {
  const all = new Set<string>();
  for (const { machine } of searchedTests(protocol))
    for (const { def, pending } of machine.automaton.frames.states)
      if (def.name === fn && pending.kind !== 'again' && pending.kind !== 'return')
        all.add(pending.kind === 'step' ? pending.label : pending.name);
  return [...all];
}

/** Some of them, by name. */
function testsThatReach(protocol: Protocol, fn: string): string {
  const names: string[] = [];
  for (const { test, machine } of searchedTests(protocol))
    if (names.length < 3 && calledIn(machine).has(fn)) names.push(test.name);
  return names.join(', ');
}

/** file:line of the label, or else of the function. */
function placeOf(path: string, { fn, label }: Part): string {
  const lines = readTextFile(path, LONGEST).split('\n');
  const find = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;
  const line = (label && (find(`'${label}`) || find(`"${label}`))) || find(fn);
  return line > 0 ? `${path}:${line}` : path;
}
