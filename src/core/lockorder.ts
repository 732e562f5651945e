import { resourcesOf, type LocalNode, type Stack } from './automaton.js';
import type { StepRequest } from './flow.js';
import type { Machine } from './machine.js';
import type { Resource } from './resources.js';
import { isLock, isWait } from './waits.js';

/**
 * How a lock is taken, as lockdep tells acquisitions apart:
 * `shared` readers may have to wait behind a writer that queues for a reader
 * (rwsem; rwlock_t in process context, read_lock_is_recursive() of
 * kernel/locking/lockdep.c); `recursive` ones never do (srcu_read_lock()).
 * `synchronize` waits for the readers of an SRCU domain and holds nothing.
 */
export type LockMode = 'exclusive' | 'shared' | 'recursive' | 'synchronize';

/** One place where a lock is taken. Plain data: threads send it. */
export interface Acquisition {
  readonly class: string;
  readonly instance: string;
  readonly mode: LockMode;
  /** The step that takes it. */
  readonly label: string;
  /** Who called whom, the operation first; then functions. */
  readonly stack: readonly string[];
}

/** A dependency: one lock was held when another was to be taken. */
export interface Nesting {
  readonly held: Acquisition;
  readonly taken: Acquisition;
}

/** A local state, and where each lock was taken that is held there. */
interface Place {
  readonly node: LocalNode;
  readonly locks: readonly Acquisition[];
}

/**
 * The lock order that a search came by: read off the local states that it
 * discovered, blocked ones included. Like lockdep, it does not ask whether a
 * schedule exists that goes wrong. A trylock depends on nothing, since it never
 * waits, but what it took is held like any other lock.
 */
export function lockOrderOf(machine: Machine): Nesting[] {
  const found = new Map<string, Nesting>();
  for (const { node, locks } of placesOf(machine))
    for (const taken of waitingAcquisitions(node))
      for (const held of locks) {
        const nesting = { held, taken };
        const key = nestingKey(nesting);
        if (!found.has(key)) found.set(key, nesting);
      }
  return [...found.values()];
}

/** What makes two nestings the same to a reader: functions, steps and classes. */
export function nestingKey({ held, taken }: Nesting): string {
  return JSON.stringify([...siteOf(held), ...siteOf(taken), held.instance === taken.instance]);
}

/** Which page or folio a label names, and what calls led to the function, make no other site. */
const siteOf = ({ class: lockClass, mode, label, stack }: Acquisition): string[] => [
  lockClass,
  mode,
  stack.length > 1 ? stack.at(-1)! : '',
  label.replace(/\d+/g, 'N'),
];

/** Breadth-first, so that the first example of a nesting is one of the shortest. */
function placesOf(machine: Machine): Place[] {
  const places: Place[] = [];
  const known = new Map<LocalNode, Set<Place['locks']>>();
  const lists = new Map<string, Place['locks']>();
  const intern = (locks: Place['locks']): Place['locks'] => {
    const key = JSON.stringify(locks);
    const list = lists.get(key);
    if (!list) lists.set(key, locks);
    return list ?? locks;
  };
  const visit = (node: LocalNode, locks: Place['locks']): void => {
    let seen = known.get(node);
    if (!seen) known.set(node, (seen = new Set()));
    if (seen.has(locks)) return;
    seen.add(locks);
    places.push({ node, locks });
  };
  for (const id of machine.initialNodes) visit(machine.node(id), intern([]));
  for (let i = 0; i < places.length; i++) {
    const { node, locks } = places[i]!;
    for (const [observed, advance] of node.next) {
      const after = afterStep(node, observed, locks);
      visit(advance.node, after === locks ? locks : intern(after));
    }
  }
  return places;
}

/** The same changes as the automaton makes to what is held. */
function afterStep(
  node: LocalNode,
  observed: number,
  before: readonly Acquisition[],
): readonly Acquisition[] {
  const step = node.step!;
  const released = resourcesOf(step.releases, observed).filter(isLock);
  const acquired = resourcesOf(step.acquires, observed).filter(isLock);
  if (released.length === 0 && acquired.length === 0) return before;
  const locks = [...before];
  for (const r of released) {
    const at = locks.findLastIndex((l) => l.class === r.class && l.instance === r.instance);
    if (at >= 0) locks.splice(at, 1);
  }
  for (const r of acquired) locks.push(acquisition(node, r, modeOf(step, r)));
  return locks;
}

/** What the pending step may have to wait for, and reads that never wait. */
function waitingAcquisitions(node: LocalNode): Acquisition[] {
  const { step } = node;
  if (isWait(step)) return [acquisition(node, step.waits, 'synchronize')];
  if (!step?.acquires || typeof step.acquires === 'function') return [];
  // A new lock that nobody else knows yet is taken without a guard.
  return step.acquires
    .filter((r) => isLock(r) && (step.when !== undefined || r.mode === 'shared'))
    .map((r) => acquisition(node, r, modeOf(step, r)));
}

function modeOf(step: StepRequest, { mode }: Resource): LockMode {
  if (mode !== 'shared') return 'exclusive';
  return step.when ? 'shared' : 'recursive';
}

function acquisition(node: LocalNode, r: Resource, mode: LockMode): Acquisition {
  const { class: lockClass, instance } = r;
  return {
    class: lockClass,
    instance,
    mode,
    label: node.step!.label,
    stack: functionsOf(node.stack),
  };
}

function functionsOf(stack: Stack | undefined): string[] {
  const names: string[] = [];
  for (let at = stack; at; at = at.below) names.unshift(at.top.def.name);
  return names;
}
