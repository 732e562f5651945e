import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { step, type Flow } from '../../src/core/flow.js';
import type { Memory } from '../../src/core/memory.js';
import { preemptions, type Schedule } from '../../src/core/schedule.js';
import { int, struct } from '../../src/core/struct.js';
import { traceOf } from '../../src/core/trace.js';
import { ContextBoundedSearch } from '../../src/explore/contexts.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { ReducedSearch } from '../../src/explore/reduced-search.js';
import { ALL } from '../../src/explore/reductions/options.js';
import { pct } from '../../src/explore/sampling/pct.js';
import { portfolio } from '../../src/explore/sampling/portfolio.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { sample } from '../../src/explore/sampling/sample.js';
import { uniformWalk } from '../../src/explore/sampling/uniform.js';
import type { SearchResult } from '../../src/explore/verdict.js';
import type { Machine } from '../../src/core/machine.js';
import { machineOf, mayRecurse, programs } from './programs.js';
import { build, op, order, shows, type Tiny } from './world.js';
import { enough, seedOf } from '../model/seed.js';

const Cells = struct({ x: int(0, 9), y: int(0, 9) });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

const SAMPLING = { runs: 40, seed: 0, maxSteps: 400 };
const strategies: [string, (machine: Machine) => SearchResult][] = [
  ['exhaustive search', (m) => new ExhaustiveSearch(m, { maxStates: 2000 }).run()],
  ['reduced search', (m) => new ReducedSearch(m, ALL, { maxStates: 2000 }).run()],
  ['search by contexts', (m) => new ContextBoundedSearch(m, { maxStates: 2000 }).run()],
  ['random walk', (m) => sample(m, randomWalk(), SAMPLING)],
  ['PCT', (m) => sample(m, pct(3), SAMPLING)],
  ['URW', (m) => sample(m, uniformWalk(), SAMPLING)],
  ['portfolio', (m) => sample(m, portfolio(), SAMPLING)],
];

/** A trace without the run it was made by. */
function plain(machine: Machine, schedule: Schedule): unknown {
  const { steps, preemptions, broken } = traceOf(machine, schedule);
  return JSON.parse(JSON.stringify({ steps, preemptions, broken })) as unknown;
}

describe('a schedule is replayed to what it was found to break', () => {
  it.each(strategies)('from %s, on a fresh machine, twice the same', (_, search) => {
    let found = 0;
    fc.assert(
      fc.property(programs, (p) => {
        fc.pre(!mayRecurse(p));
        const { property, schedule } = search(machineOf(p));
        if (!schedule || !property) return;
        found++;
        const [one, other] = [machineOf(p), machineOf(p)];
        expect(shows(one, property, schedule)).toBe(true);
        expect(plain(one, schedule)).toEqual(plain(other, schedule));
        expect(plain(one, schedule)).toEqual(plain(one, schedule));
        // The last step is the one that breaks it, not some earlier one.
        if (schedule.length > 0) expect(traceOf(one, schedule.slice(0, -1)).broken).toBeUndefined();
      }),
      { numRuns: 150, seed: seedOf(9) },
    );
    expect(found).toBeGreaterThan(enough(40));
  });

  it.each(strategies)('%s finds the same again', (_, search) => {
    fc.assert(
      fc.property(programs, (p) => {
        fc.pre(!mayRecurse(p));
        expect(search(machineOf(p))).toEqual(search(machineOf(p)));
      }),
      { numRuns: 40, seed: seedOf(2) },
    );
  });
});

describe('a schedule that does not fit', () => {
  const tiny: Tiny<S> = {
    state,
    programs: [
      (s) => [op('wait', () => step('wait', () => {}, { when: () => s.x === 1 }))],
      (s) => [op('set', () => step('set', () => void (s.x = 1)))],
    ],
  };
  it('is refused, with the decision that is not possible', () => {
    const { machine } = build(tiny);
    expect(() => traceOf(machine, order(0))).toThrow(/decision 1 of 1 is not possible/);
    expect(() => traceOf(machine, order(1, 1))).toThrow(/decision 2 of 2/);
    expect(() => traceOf(machine, [{ actor: 1, option: 1 }])).toThrow(RangeError);
    expect(() => traceOf(machine, order(1, 0))).not.toThrow(EngineError);
  });
});

describe('preemptions', () => {
  const two = function* (s: S): Flow {
    yield* step('a', () => void s.x++);
    yield* step('b', () => {}, { when: () => s.x !== 1 });
  };
  const tiny: Tiny<S> = { state, programs: [0, 1].map(() => (s) => [op('two', () => two(s))]) };

  it('are switches away from an actor that could have gone on', () => {
    const { machine } = build(tiny);
    const count = (...actors: number[]) => traceOf(machine, order(...actors)).preemptions;
    // At x = 1 the first actor is blocked: leaving it is no preemption.
    expect(count(0, 1)).toBe(0);
    expect(count(0, 1, 1, 0)).toBe(0);
    expect(count(0, 1, 0, 1)).toBe(1);
  });

  it('are counted alike from a schedule alone', () => {
    expect(preemptions(order(0, 1, 0, 1), () => true)).toBe(3);
    expect(preemptions(order(0, 0, 1, 1), () => true)).toBe(1);
    expect(preemptions(order(0, 1, 0), (i) => i === 2)).toBe(1);
  });

  it('of a trace are marked at the step that does it', () => {
    const { steps } = traceOf(build(tiny).machine, order(0, 1, 0, 1));
    expect(steps.map((s) => s.preempts)).toEqual([false, false, true, false]);
    expect(steps.map((s) => s.changes.map((c) => [c.cell.name, c.before, c.after]))).toEqual([
      [['s.x', 0, 1]],
      [['s.x', 1, 2]],
      [],
      [],
    ]);
  });
});
