import { describe, expect, it } from 'vitest';
import { choose, step, test, type Flow } from '../../src/core/flow.js';
import { Machine } from '../../src/core/machine.js';
import { int, table, type Table } from '../../src/core/struct.js';
import type { Symmetry } from '../../src/core/symmetry.js';
import type { World } from '../../src/core/world.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { ReducedSearch } from '../../src/explore/reduced-search.js';
import { ALL, NONE, type Reductions } from '../../src/explore/reductions/options.js';
import { op, worldOf } from './world.js';

const SYMMETRY: Reductions = { ...NONE, symmetry: true };
const PARTIAL_ORDER: Reductions = { ...NONE, partialOrder: true };
const BOUNDS = { maxStates: 100_000 };
const [FIRST, COUNT, X, OPEN] = [0, 1, 2, 3];
/** So many turns must two actors take in turn: no run that is drawn will show it. */
const TURNS = 14;
/** Who has lost the race in the states that stand for the others. */
const STANDS = 1;

interface Racers {
  /** What is left to do for who has lost the race. */
  readonly lost: (x: Table) => void;
  /** What is done late, when the loser may have gone on or not. */
  readonly late: (x: Table) => void;
  readonly holds: (x: Table) => boolean;
  /** Is that asked at the end only? */
  readonly atEnd?: boolean;
}

const renaming = (world: World, more: Partial<Symmetry>): Symmetry => ({
  actors: world.actors.map((_, a) => a),
  cells: world.memory.info.map((_, i) => i),
  value: (_, value) => value,
  ranges: [],
  range: (first, end) => [first, end],
  ...more,
});

/** Two race and are claimed to be alike; two others come late to what matters. */
function racers({ lost, late, holds, atEnd }: Racers): World {
  function* race(x: Table): Flow<number> {
    const isFirst = yield* test('first', () => {
      if (x.load(FIRST) !== 0) return false;
      x.store(FIRST, x.$memory.actor + 1);
      return true;
    });
    if (!isFirst) yield* step('lost', () => lost(x));
    return 0;
  }
  function* count(x: Table): Flow<number> {
    for (let i = 1; i <= TURNS + 1; i++) yield* step(`count ${i}`, () => x.store(COUNT, i));
    return 0;
  }
  function* follow(x: Table): Flow<number> {
    for (let i = 1; i <= TURNS; i++)
      if (!(yield* test(`count is ${i}`, () => x.load(COUNT) === i))) return 0;
    yield* step('late', () => late(x));
    return 0;
  }
  const { world } = worldOf({
    state: (memory) => ({ x: table(4, int(0, 20)).place(memory, 'x') }),
    programs: [race, race, count, follow].map((run) => (s: { x: Table }) => [
      op('run', () => run(s.x)),
    ]),
    properties: ({ x }): Record<string, () => boolean> => (atEnd ? {} : { p: () => holds(x) }),
    condition: ({ x }) => ({ quantifier: 'forall', holds: () => !atEnd || holds(x) }),
  });
  const swapped = (v: number): number => (v === 1 ? 2 : v === 2 ? 1 : v);
  const value = (cell: number, v: number): number => (cell === FIRST ? swapped(v) : v);
  return { ...world, symmetries: () => [renaming(world, { actors: [1, 0, 2, 3], value })] };
}

const stands = (x: Table): boolean => x.$memory.actor === STANDS;

/** Of two that are claimed to be alike one breaks something, late, under one name only. */
const FALSE: Record<string, Racers> = {
  'that reads only what it has written, and its image reads before': {
    lost: (x) => {
      const seen = stands(x) ? 0 : x.load(X);
      x.store(X, seen === 2 ? 3 : 1);
      x.load(X);
    },
    late: (x) => x.store(X, 2),
    holds: (x) => x.load(X) !== 3,
  },
  'that reads less than its image': {
    lost: (x) => x.store(X, !stands(x) && x.load(OPEN) === 1 ? 3 : 1),
    late: (x) => x.store(OPEN, 1),
    holds: (x) => x.load(X) !== 3,
  },
  'a property that reads less than in the image': {
    lost: (x) => x.store(X, 1),
    late: (x) => x.store(OPEN, 1),
    holds: (x) => x.load(FIRST) !== 2 || x.load(OPEN) === 0 || x.load(X) === 1,
  },
  'that updates what its image reads': {
    lost: (x) => {
      if (stands(x)) x.$memory.update(x.$base + X, (v) => v + 1);
      else x.store(X, x.load(X) === 2 ? 13 : x.load(X) + 1);
    },
    late: (x) => x.$memory.update(x.$base + X, (v) => v + 2),
    holds: (x) => x.load(X) < 10,
    atEnd: true,
  },
};

/** Renamings of cells, the actors as they are; one of actors comes first and is true. */
function sameActors(): World {
  const set = (x: Table): Flow => step('set', () => x.store(x.$memory.actor, 1));
  const pick = (x: Table): Flow<number> => {
    const options = ['2', '3'].map((name) => ({ name, cost: 0 }));
    return choose('pick', options, (option) => (x.store(2 + option, 1), 0));
  };
  const look = (x: Table): Flow =>
    step('look', () => x.store(4, x.load(3)), { when: () => x.load(2) + x.load(3) > 0 });
  const { world } = worldOf({
    state: (memory) => ({ x: table(5, int(0, 1)).place(memory, 'x') }),
    programs: [set, set, pick, look].map((run) => (s: { x: Table }) => [
      op<[]>('run', () => run(s.x) as Flow),
    ]),
    properties: ({ x }) => ({ bad: () => x.load(4) === 0 }),
  });
  const moved = (cells: number[], actors: number[]): Symmetry =>
    renaming(world, { cells: world.memory.info.map((_, i) => cells[i] ?? i), actors });
  const symmetries = [
    moved([1, 0], [1, 0, 2, 3]),
    moved([0, 1, 3, 2], [0, 1, 2, 3]),
    moved([1, 0, 3, 2], [1, 0, 2, 3]),
  ];
  return { ...world, symmetries: () => symmetries };
}

/** Many properties: the last one reads what two actors change, the others what nobody does. */
function properties(count: number): World {
  const set = (cell: number) => (x: Table) => [
    op('set', () => step('set', () => x.store(cell, 1))),
  ];
  return worldOf({
    state: (memory) => table(3, int(0, 1)).place(memory, 'x'),
    programs: [set(0), set(1)],
    properties: (x) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `p${i}`,
          () => (i < count - 1 ? x.load(2) === 0 : x.load(0) === 1 || x.load(1) === 0),
        ]),
      ),
  }).world;
}

/** Many actors, of whom the last one alone does anything. */
function actors(count: number): World {
  return worldOf({
    state: (memory) => table(1, int(0, 1)).place(memory, 'x'),
    programs: Array.from(
      { length: count },
      (_, a) => (x: Table) =>
        a < count - 1 ? [] : [op('set', () => step('set', () => x.store(0, 1)))],
    ),
    properties: (x) => ({ bad: () => x.load(0) === 0 }),
  }).world;
}

const verdictOf = (world: World, reductions: Reductions): string =>
  new ReducedSearch(new Machine(world), reductions, BOUNDS).run().verdict;

const names = Object.keys(FALSE);

describe('what is claimed to be symmetric, and is not under one name', () => {
  it.each(names)('breaks something: %s', (name) => {
    const found = new ExhaustiveSearch(new Machine(racers(FALSE[name]!)), BOUNDS).run();
    expect(found.verdict).toBe('violated');
    expect(verdictOf(racers(FALSE[name]!), { ...ALL, symmetry: false })).toBe('violated');
  });

  it.each(names.slice(1))('is found out, with symmetry alone: %s', (name) => {
    expect(verdictOf(racers(FALSE[name]!), SYMMETRY)).toBe('violated');
  });

  it('is found out of a property, where no state that stands for others breaks it', () => {
    const late = (x: Table): void => x.store(OPEN, Number(x.load(FIRST) > 0));
    const world = racers({ ...FALSE['a property that reads less than in the image']!, late });
    expect(verdictOf(world, SYMMETRY)).toBe('violated');
  });
});

describe('what a reduced search has missed', () => {
  it.each(names)('with all reductions, a false claim: %s', (name) => {
    expect(verdictOf(racers(FALSE[name]!), ALL)).toBe('violated');
  });

  it('with symmetry alone, a false claim of what reads only what it has written', () => {
    expect(verdictOf(racers(FALSE[names[0]!]!), SYMMETRY)).toBe('violated');
  });

  it('where a renaming moves the actors as one before it does, and other cells', () => {
    expect(verdictOf(sameActors(), SYMMETRY)).toBe('violated');
  });
});

describe('a reduced search refuses', () => {
  it('a machine that was searched before footprints were kept', () => {
    const machine = new Machine(racers(FALSE['that reads less than its image']!));
    new ExhaustiveSearch(machine, { maxStates: 100 }).run();
    expect(() => new ReducedSearch(machine, SYMMETRY, BOUNDS).run()).toThrow(/before/);
  });

  it.each([
    ['33 properties', () => properties(33)],
    ['32 actors', () => actors(32)],
  ])('%s', (_, world) => {
    expect(() => verdictOf(world(), PARTIAL_ORDER)).toThrow(/at most 30/);
  });
});
