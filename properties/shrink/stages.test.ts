import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { racesOf, shrinkAgain } from '../../bench/shrink/again.js';
import { reachedFrom } from '../../bench/shrink/count-runs.js';
import { FailingRuns } from '../../bench/shrink/failing-runs.js';
import { Run } from '../../src/core/run.js';
import type { Schedule } from '../../src/core/schedule.js';
import { traceOf } from '../../src/core/trace.js';
import { IntList } from '../../src/explore/ints.js';
import type { Machine } from '../../src/core/machine.js';
import { planOf, runSchedule, withoutCircles } from '../../src/fastcheck/index.js';
import { ready, type Asked } from '../../src/shrink/asked.js';
import { retold, told, type Block } from '../../src/shrink/blocks.js';
import { merged } from '../../src/shrink/merge.js';
import { Rehearsal } from '../../src/shrink/rehearsal.js';
import { committedTest } from '../../src/check/tests.js';
import { findProtocol } from '../../src/check/protocols.js';
import { machineOf, mayRecurse, programs } from '../engine/programs.js';
import { seedOf } from '../model/seed.js';

/** A run that is drawn, up to its end, or as far as it is of use here. */
function drawn(machine: Machine, draws: readonly number[]): Schedule {
  const run = new Run(machine);
  for (const draw of draws) {
    const enabled = run.enabled();
    if (enabled.length === 0 || run.broken !== undefined) break;
    run.take(enabled[draw % enabled.length]!);
  }
  return run.decisions;
}

const draws = fc.array(fc.nat(), { minLength: 60, maxLength: 60 });

describe('a run that somebody has found', () => {
  it('is a plan, once it goes in no circle, and is told block by block', () => {
    fc.assert(
      fc.property(programs, draws, (p, numbers) => {
        fc.pre(!mayRecurse(p));
        const machine = machineOf(p);
        const whole = drawn(machine, numbers);
        const schedule = withoutCircles(machine, whole);
        expect(endOf(machine, schedule)).toBe(endOf(machine, whole));
        const again = runSchedule(machine, planOf(machine, schedule)).schedule;
        expect(again.slice(0, schedule.length)).toEqual(schedule);
        const { memory } = traceOf(machine, schedule).run;
        const goal = { among: 'all', holds: (m: number) => m === memory } as const;
        expect(retold(machine, goal, told(machine, schedule))).toBeDefined();
      }),
      { numRuns: 100, seed: seedOf(8) },
    );
  });

  it('has fewer turns afterwards', () => {
    const { blocks, breaks, asked } = turns(40);
    // It takes b between a's first turn and another one of a.
    const least = merged(blocks, breaks);
    expect(least.map((b) => b.column).join('')).toBe('aba');
    expect(asked()).toBeLessThan(60);
  });

  it('comes to few preemptions by few executions', async () => {
    const test = committedTest('p0-fault-vs-punch')!;
    const asked: Asked = { named: await findProtocol('P0'), property: 'S1', maxStates: 1 };
    const at = ready(test, asked);
    const failing = new FailingRuns(ready(test, { ...asked, maxStates: 100_000 }), 100_000);
    const broken = [1, 2, 3, 4, 5].map((number) => failing.draw(seedOf(1), number, 2000)!);
    for (const schedule of broken) {
      const rehearsal = new Rehearsal(told(at.machine, schedule));
      const smaller = traceOf(at.machine, rehearsal.smaller(at)!);
      expect([smaller.broken, smaller.preemptions]).toEqual(['S1', 1]);
      expect(rehearsal.count).toBeLessThan(250);
    }
  });
});

function endOf(machine: Machine, schedule: Schedule): string {
  const { run } = traceOf(machine, schedule);
  return `${run.memory} ${run.nodes.join(' ')}`;
}

/** So many turns of a and b, which break something wherever b is between two of a. */
function turns(count: number) {
  let asked = 0;
  const blocks = Array.from({ length: count }, (_, nth): Block => {
    return { column: nth % 2 === 0 ? 'a' : 'b', until: { step: 'step', nth } };
  });
  const breaks = (some: readonly Block[]): boolean => {
    asked++;
    return /ab+a/.test(some.map((b) => b.column).join(''));
  };
  return { blocks, breaks, asked: () => asked };
}

describe('the runs to a goal', () => {
  it.each([
    ['each way is one', '01 02 13 23 04', 2],
    ['no end of them with a circle before it', '01 10 13', Infinity],
    ['a circle beside it is none', '03 12 21', 1],
  ])('are counted: %s', (_, moves, runs) => {
    const [from, to] = [new IntList(), new IntList()];
    for (const [a, b] of moves.split(' ')) {
      from.push(Number(a));
      to.push(Number(b));
    }
    expect(reachedFrom(5, { from, to }, [3]).runs).toBe(runs);
  });
});

/** `npm run bench -- shrink` does it for every race, from 50 seeds. */
describe('random runs of a race of the corpus', () => {
  it.each(['stale-check-skipped', 'hole-before-attribute', 'failure-and-hole-wait'])(
    '%s: all shrink to one',
    async (id) => {
      const { found, tokens, isProven, executions } = await shrinkAgain(racesOf([id])[0]!, 3);
      expect({ found, tokens, isProven }).toEqual({ found: 3, tokens: 1, isProven: true });
      expect(executions.max).toBeLessThan(300);
    },
  );
});
