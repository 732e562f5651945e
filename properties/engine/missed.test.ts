import { describe, expect, it } from 'vitest';
import { invariants } from '../../models/invariants/index.js';
import { readTest } from '../../models/language/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { buildWorld } from '../../models/world.js';
import { step, test, type Flow } from '../../src/core/flow.js';
import { Machine } from '../../src/core/machine.js';
import { int, table, type Table } from '../../src/core/struct.js';
import { ReducedSearch } from '../../src/explore/reduced-search.js';
import type { Reductions } from '../../src/explore/reductions/options.js';
import { op, worldOf } from './world.js';

/** Every combination of reductions. */
const kinds: Reductions[] = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => ({
  partialOrder: (n & 1) !== 0,
  chains: (n & 2) !== 0,
  symmetry: (n & 4) !== 0,
}));
const BOUNDS = { maxStates: 1_000_000 };

/**
 * Two of a kind race for a cell; the one that loses may, much later and only
 * in the name that it has then, let a third break the invariant. What a local
 * state's twin does must be known before a search with both reductions counts.
 */
const DELAY = 6;
const [FIRST, DONE, LEAD, COUNT, OPEN, BAD] = [0, 1, 2, 3, 4, 5];

function world() {
  function* racer(x: Table): Flow<number> {
    const isFirst = yield* test('first', () => {
      if (x.load(FIRST) !== 0) return false;
      x.store(FIRST, x.$memory.actor + 1);
      return true;
    });
    if (isFirst) {
      yield* step('done', () => x.store(DONE, 1));
      return 0;
    }
    const leads = yield* test('lead', () => {
      if (x.load(DONE) === 0) return false;
      x.store(LEAD, x.$memory.actor + 1);
      return true;
    });
    if (!leads) return 0;
    for (let i = 1; i <= DELAY; i++)
      if (!(yield* test(`count is ${i}`, () => x.load(COUNT) === i))) return 0;
    yield* step('open', () => x.store(OPEN, 1));
    return 0;
  }
  function* counter(x: Table): Flow<number> {
    for (let i = 1; i <= DELAY + 1; i++) yield* step(`count ${i}`, () => x.store(COUNT, i));
    return 0;
  }
  function* breaker(x: Table): Flow<number> {
    if (yield* test('open?', () => x.load(OPEN) === 1)) yield* step('bad', () => x.store(BAD, 1));
    return 0;
  }
  const programs = [racer, racer, counter, breaker];
  const { world } = worldOf({
    state: (memory) => ({ x: table(6, int(0, 9)).place(memory, 'x') }),
    programs: programs.map((run) => (s: { x: Table }) => [op('run', () => run(s.x))]),
    properties: ({ x }) => ({ bad: () => x.load(BAD) === 0 }),
  });
  const swapped = (v: number): number => (v === 1 ? 2 : v === 2 ? 1 : v);
  const swap = {
    actors: [1, 0, 2, 3],
    cells: world.memory.info.map((_, i) => i),
    value: (cell: number, v: number) =>
      ['x[0]', 'x[2]'].includes(world.memory.info[cell]!.name) ? swapped(v) : v,
    ranges: [],
    range: (first: number, end: number) => [first, end] as const,
  };
  return { ...world, symmetries: () => [swap] };
}

/** The condition reads other cells than any invariant: it must bind its own. */
const TWO_CELLS = `gmem two-cells
"never over two cells that no invariant reads"
{ memory=snp; pages=3; gfns=3; }
 h1        | h2        | h3        ;
 write 0 1 | write 1 1 | write 2 1 ;
 write 0 0 | write 1 0 |           ;
never (host[0]=1 /\\ host[1]=1)
expect 6.12: violated condition
`;

describe('violations that a reduced search once missed', () => {
  it.each(kinds)('what a twin does: %o', (reductions) => {
    const found = new ReducedSearch(new Machine(world()), reductions, BOUNDS).run();
    expect(found.property).toBe('bad');
  });

  it.each(kinds)('a condition over two cells: %o', (reductions) => {
    const { scenario, condition } = readTest(TWO_CELLS, 'two-cells.litmus');
    const built = buildWorld(scenario, protocolById('6.12'), invariants, condition);
    const found = new ReducedSearch(new Machine(built.world), reductions, BOUNDS).run();
    expect(found.property).toBe('condition');
  });
});
