import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/core/machine.js';
import { Run } from '../../src/core/run.js';
import type { Decision, Schedule } from '../../src/core/schedule.js';
import { traceOf } from '../../src/core/trace.js';
import type { Goal } from '../../src/explore/goal.js';
import { LeastRun } from '../../src/explore/least-run.js';
import { reach } from '../../src/explore/reach.js';
import { effort } from '../effort.js';
import { Misuse, oracle, TooBig } from './oracle.js';
import { machineOf, programs, type Program } from './programs.js';
import { enough, seedOf } from '../model/seed.js';

const LONGEST = 9;
const MOST = 2000;

/** Every run that is not broken before its end. */
function* runs(machine: Machine): Generator<Run> {
  const stack: Decision[][] = [[]];
  for (let count = 0; stack.length > 0; count++) {
    const run = new Run(machine);
    for (const d of stack.pop()!) run.take(d);
    yield run;
    if (run.broken !== undefined) continue;
    const enabled = run.enabled();
    const isLong = run.decisions.length === LONGEST && enabled.length > 0;
    if (isLong || count > MOST) throw new TooBig();
    for (const d of enabled) stack.push([...run.decisions, d]);
  }
}

/** Preemptions, steps, then who moves and how: what is less is less in this order. */
function rank(machine: Machine, schedule: Schedule): number[] {
  const { preemptions } = traceOf(machine, schedule);
  return [preemptions, schedule.length, ...schedule.flatMap((d) => [d.actor, d.option])];
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((x, i) => x !== b[i]);
  return at >= 0 && a[at]! < (b[at] ?? -1);
}

/** The least run to each memory, found by trying all runs. */
function leastOf(p: Program, machine: Machine): Map<number, number[]> | undefined {
  const least = new Map<number, number[]>();
  try {
    oracle(p, 100);
    for (const { memory, decisions } of runs(machine)) {
      const mine = rank(machine, decisions);
      const known = least.get(memory);
      if (!known || isLess(mine, known)) least.set(memory, mine);
    }
    return least;
  } catch (error) {
    if (error instanceof TooBig || error instanceof Misuse) return undefined;
    throw error;
  }
}

const at = (memory: number): Goal => ({ among: 'all', holds: (m) => m === memory });

describe('the least run', () => {
  it('is the least of all, preemptions before steps before columns', () => {
    const tally = { found: 0, preempted: 0 };
    fc.assert(
      fc.property(programs, (p) => {
        const machine = machineOf(p);
        for (const [memory, expected] of leastOf(p, machine) ?? []) {
          const found = new LeastRun(machine, at(memory), 10_000).find();
          expect(rank(machine, found as Schedule)).toEqual(expected);
          expect(reach(machine, at(memory), 10_000).answer).toBe('yes');
          tally.found++;
          if (expected[0]! > 0) tally.preempted++;
        }
      }),
      { seed: seedOf(5), numRuns: effort(150) },
    );
    expect(tally.found).toBeGreaterThan(enough(100));
    expect(tally.preempted).toBeGreaterThan(enough(10));
  });

  it('says that it hit its bound, and that there is none', () => {
    const isPlain = (p: Program): boolean => (leastOf(p, machineOf(p))?.size ?? 0) > 3;
    const [p] = fc.sample(programs.filter(isPlain), { seed: 5, numRuns: 1 });
    const machine = machineOf(p!);
    expect(new LeastRun(machine, at(-1), 1).find()).toBe('bound hit');
    expect(new LeastRun(machine, at(-1), 10_000).find()).toBeUndefined();
    expect(reach(machine, at(-1), 1).answer).toBe('bound hit');
    expect(reach(machine, at(-1), 10_000).answer).toBe('no');
  });
});
