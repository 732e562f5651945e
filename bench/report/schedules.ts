import { spread } from '../measure.js';
import type { Schedules } from '../results.js';
import { schedulesPerSecond, stepsPerSecond, type Drawn, type Round } from '../schedules/rounds.js';
import { thousands, type Table } from './table.js';

/** Random schedules: ours, fast-check's scheduler, and a loop without either. */
export function scheduleTable({ test, protocol, sizes, rounds }: Schedules): Table {
  const rows: readonly (readonly [string, (r: Round) => Drawn])[] = [
    ['gmemcheck', (r) => r.walks],
    [`its first ${thousands(sizes.first)}`, (r) => r.first],
    ['fc waitIdle()', (r) => r.waitIdle],
    ['fc waitAll()', (r) => r.waitAll],
    ['a plain loop', (r) => r.live],
  ];
  return {
    title: `Random schedules of ${test}, ${protocol}`,
    columns: ['', 'schedules/s', 'min - max', 'steps/s', 'steps each'],
    rows: rows.map(([what, of]) => {
      const schedules = spread(rounds.map((r) => schedulesPerSecond(of(r))));
      const steps = spread(rounds.map((r) => stepsPerSecond(of(r))));
      const first = of(rounds[0]!);
      return [
        what,
        thousands(schedules.median),
        `${thousands(schedules.min)} - ${thousands(schedules.max)}`,
        thousands(steps.median),
        (first.steps / first.schedules).toFixed(0),
      ];
    }),
  };
}
