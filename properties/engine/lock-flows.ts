import { expect } from 'vitest';
import { step, type Flow } from '../../src/core/flow.js';
import { lockCycles } from '../../src/core/lockcycles.js';
import { lockOrderOf, type Nesting } from '../../src/core/lockorder.js';
import {
  lock,
  lockShared,
  mutex,
  rwlock,
  tryLock,
  unlock,
  unlockShared,
  type Lock,
} from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { srcu, srcuReadLock, srcuReadUnlock, synchronize } from '../../src/core/srcu.js';
import { bool, struct } from '../../src/core/struct.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { build, op, type Tiny } from './world.js';

const Cells = struct({
  a: rwlock('a'),
  b: rwlock('b'),
  c: mutex('c'),
  /** Two locks of one class. */
  x: mutex('x'),
  y: mutex('x'),
  srcu: srcu('srcu'),
  other: srcu('other'),
  turn: bool(),
});
const state = (memory: Memory) => Cells.place(memory, 's');
export type S = ReturnType<typeof state>;
export type Body = (s: S) => Flow;

export const tinyOf = (...flows: Body[]): Tiny<S> => ({
  state,
  programs: flows.map((flow, i) => (s) => [op(`op${i}`, () => flow(s))]),
});

type Locks = 'a' | 'b' | 'c' | 'x' | 'y';
export const none: Body = function* () {};

/** Something held around something else. */
const inside = (take: (l: Lock) => Flow, give: (l: Lock) => Flow) => (name: Locks, body: Body) =>
  function* (s: S): Flow {
    yield* take(s[name]);
    yield* body(s);
    yield* give(s[name]);
  };
export const write = inside(
  (l) => lock(`lock ${l.$name}`, l),
  (l) => unlock('unlock', l),
);
export const read = inside(
  (l) => lockShared(`read ${l.$name}`, l),
  (l) => unlockShared('unlock', l),
);
export const tried = (name: Locks, body: Body): Body =>
  function* (s) {
    if (!(yield* tryLock(`trylock ${name}`, s[name]))) return;
    yield* body(s);
    yield* unlock('unlock', s[name]);
  };
export const readSide = (name: 'srcu' | 'other', body: Body): Body =>
  function* (s) {
    yield* srcuReadLock(`enter ${name}`, s[name]);
    yield* body(s);
    yield* srcuReadUnlock('leave', s[name]);
  };
export const sync: Body = (s) => synchronize('synchronize', s.srcu);

/** The second half waits until the first has finished: they never meet. */
export const first = (body: Body): Body =>
  function* (s) {
    yield* body(s);
    yield* step('done', () => void (s.turn = true));
  };
export const second = (body: Body): Body =>
  function* (s) {
    yield* step('wait', () => {}, { when: () => s.turn });
    yield* body(s);
  };

export function searched(...flows: Body[]) {
  const { machine } = build(tinyOf(...flows));
  const result = new ExhaustiveSearch(machine, { maxStates: 100_000 }).run();
  return { verdict: result.property ?? result.verdict, order: lockOrderOf(machine) };
}

export const cyclesOf = (order: readonly Nesting[]): string[] =>
  lockCycles(order).map((cycle) => cycle.map((n) => n.held.class).join(' '));

/** Cycles of two flows that never meet, hence never deadlock. */
export function cycles(one: Body, two: Body): string[] {
  const { verdict, order } = searched(first(one), second(two));
  expect(verdict).toBe('holds');
  return cyclesOf(order);
}
