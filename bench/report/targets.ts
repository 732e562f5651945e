import { median } from '../measure.js';
import { DEPTH, type Hunted } from '../races/hunt.js';
import type { Results } from '../results.js';
import { schedulesPerSecond, stepsPerSecond, type Round } from '../schedules/rounds.js';
import { counted, families, growth, overall, ratio, unreduced } from '../spin/ratios.js';
import { thousands, twoDigits, type Table } from './table.js';

/** One line of what was aimed at and what came of it. */
interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly reached: string;
  /** undefined: nothing was measured that tells. */
  readonly isMet: boolean | undefined;
  /** What it was that reached so little. */
  readonly of?: string;
}

/** What was aimed at, and what was reached: every target, met or not. */
export function targetTable(results: Results): Table {
  const targets = [...spinTargets(results), ...scheduleTargets(results), ...raceTargets(results)];
  return {
    title: 'Targets',
    columns: ['', 'target', 'reached', ''],
    rows: targets.flatMap((t) => [
      [
        t.what,
        t.wanted,
        t.reached,
        t.isMet === undefined ? 'unknown' : t.isMet ? 'met' : 'NOT MET',
      ],
      ...(t.of === undefined ? [] : [[`  (${t.of})`, '', '', '']]),
    ]),
  };
}

const atLeast = (what: string, wanted: number, reached: number): Target => ({
  what,
  wanted: `${wanted} x`,
  reached: `${twoDigits(reached)} x`,
  isMet: reached >= wanted,
});

function spinTargets({ compared }: Results): readonly Target[] {
  const cases = counted(compared);
  if (compared.length === 0) return [];
  if (cases.length === 0) return unknownTargets;
  const all = overall(cases.map((c) => [c.subject.name, ratio(c)!] as const));
  const both = unreduced(compared).filter((u) => u.spin && ratio(u.compared) !== undefined);
  const of = (value: (u: (typeof both)[number]) => number) =>
    overall(both.map((u) => [u.compared.subject.name, value(u)] as const));
  const speed = of((u) => u.ours.speed / u.spin!.speed);
  const bytes = of((u) => u.spin!.bytes / u.ours.bytes);
  return [
    atLeast(`verdict: Spin's time / ours, mean of ${cases.length}`, 10, all.mean),
    atLeast(`  least: ${all.worstCase}`, 1, all.worst),
    ...[...families(cases)]
      .filter(([, sizes]) => sizes.length > 1)
      .map(([name, sizes]): Target => {
        const by = growth(sizes);
        const what = `  at 10 x the states: ${name}`;
        return { ...atLeast(what, 1, by), wanted: 'above 1 x', isMet: by > 1 };
      }),
    atLeast("unreduced: our states/s / Spin's, mean", 1, speed.mean),
    atLeast(`  least: ${speed.worstCase}`, 1, speed.worst),
    atLeast("unreduced: Spin's bytes / ours, mean", 1, bytes.mean),
    atLeast(`  least: ${bytes.worstCase}`, 1, bytes.worst),
  ];
}

/** Without Spin, without counts that are equal, or of small cases only. */
const unknownTargets: readonly Target[] = (
  [
    ["verdict: Spin's time / ours", '10 x'],
    ["unreduced: our states/s / Spin's", '1 x'],
    ["unreduced: Spin's bytes / ours", '1 x'],
  ] as const
).map(([what, wanted]) => ({ what, wanted, reached: '-', isMet: undefined }));

function scheduleTargets({ schedules }: Results): Target[] {
  if (!schedules) return [];
  const { rounds } = schedules;
  const of = (value: (r: Round) => number): number => median(rounds.map(value));
  const against = (other: 'waitIdle' | 'waitAll'): Target =>
    atLeast(
      `schedules/s / fc.scheduler's, ${other}()`,
      200,
      of((r) => schedulesPerSecond(r.walks) / schedulesPerSecond(r[other])),
    );
  const steps = of((r) => stepsPerSecond(r.walks));
  return [
    against('waitIdle'),
    against('waitAll'),
    {
      what: 'random steps/s',
      wanted: thousands(20e6),
      reached: thousands(steps),
      isMet: steps >= 20e6,
    },
  ];
}

function raceTargets({ races }: Results): Target[] {
  if (races.length === 0) return [];
  const worst = (value: (h: Hunted) => number): Hunted =>
    races.toSorted((a, b) => value(b) - value(a))[0]!;
  const drawn = worst((h) => h.schedules.median);
  const searched = worst((h) => h.exhaustiveSeconds);
  const { median: schedules } = drawn.schedules;
  return [
    {
      what: `PCT d=${DEPTH}: schedules, worst median`,
      of: drawn.race,
      wanted: '1,000',
      reached: schedules === Infinity ? 'not found' : thousands(schedules),
      isMet: schedules <= 1000,
    },
    {
      what: 'exhaustive search, slowest race',
      of: searched.race,
      wanted: '1 s',
      reached: `${twoDigits(searched.exhaustiveSeconds)} s`,
      isMet: races.every((h) => h.exhaustiveSeconds < 1 && h.exhaustive === h.property),
    },
  ];
}
