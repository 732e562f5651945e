import { InputError, type World } from '../src/core/index.js';
import { isLabelled } from '../src/core/observer.js';
import { Machine } from '../src/core/machine.js';
import { Survey } from '../src/explore/survey.js';
import { nearest } from '../src/nearest.js';
import type { Change, WrittenChange } from './changes.js';
import type { Protocol } from './protocol.js';

/** States of the unchanged test that are looked at: enough to come to each of its functions. */
const MAX_STATES = 20_000;

/** What was found out before, by the changes and the protocol that they are made to. */
const known = new WeakMap<readonly WrittenChange[], Map<string, readonly Change[]>>();

/**
 * Changes with the function of each step: where a test names none, it is the one function
 * that has such steps in this test, unchanged.
 * @param kind of memory
 * @param unchanged makes the world of the test without its changes
 * @throws InputError where it is none, or several
 */
export function located(
  changes: readonly WrittenChange[],
  { id }: Protocol,
  kind: string,
  unchanged: () => World,
): readonly Change[] {
  if (changes.every(isLocated)) return changes;
  const of = known.get(changes) ?? new Map<string, readonly Change[]>();
  known.set(changes, of);
  const key = `${id} ${kind}`;
  let found = of.get(key);
  if (!found) {
    const steps = stepsOfFunctions(unchanged());
    found = changes.map((c) => (isLocated(c) ? c : { ...c, fn: functionOf(c, steps) }));
    of.set(key, found);
  }
  return found;
}

/** The functions that are changed, of changes that a world was built with. */
export const functionsChanged = (changes: readonly WrittenChange[]): string[] =>
  [changes, ...(known.get(changes)?.values() ?? [])].flat().flatMap(({ fn }) => fn ?? []);

const isLocated = (change: WrittenChange): change is Change => change.fn !== undefined;

/** The labels of steps and names of calls of each function that is come to. */
type Steps = ReadonlyMap<string, ReadonlySet<string>>;

function stepsOfFunctions(world: World): Steps {
  const machine = new Machine({ ...world, properties: [], condition: undefined });
  new Survey(machine, { maxStates: MAX_STATES }, () => []).run();
  const steps = new Map<string, Set<string>>();
  for (const { def, pending } of machine.automaton.frames.states) {
    const of = steps.get(def.name) ?? new Set();
    steps.set(def.name, of);
    if (pending.kind === 'step') of.add(pending.label);
    if (pending.kind === 'call') of.add(pending.name);
  }
  return steps;
}

function functionOf({ labels, does, text, where }: WrittenChange, steps: Steps): string {
  const all = [...steps].map(([fn, names]) => ({ fn, names: [...names] }));
  const found = all.filter(({ names }) =>
    labels.every((label) => names.some((name) => isLabelled(name, label))),
  );
  if (found.length === 1) return found[0]!.fn;
  if (found.length > 1) {
    const written = found.map(({ fn }) => `${does} ${labels.map((l) => `${fn}:${l}`).join(' ')}`);
    throw new InputError(
      `${where}: '${text}' fits ${found.length} functions; expected one of ${written.join(', ')}`,
    );
  }
  const words = all.flatMap(({ names }) => names.map((name) => /^\w+/.exec(name)?.[0] ?? name));
  const missing = labels.find(
    (label) => !all.some(({ names }) => names.some((n) => isLabelled(n, label))),
  );
  throw new InputError(
    missing === undefined
      ? `${where}: '${text}' is never reached: no function has both of these steps`
      : `${where}: '${text}' is never reached: no function has a step '${missing}'${nearest(missing, words)}`,
  );
}
