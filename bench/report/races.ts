import { DEPTH, MAX_SCHEDULES, SEEDS, type Hunted } from '../races/hunt.js';
import { thousands, twoDigits, type Table } from './table.js';

const LISTED = 10;

/** The known races that take PCT the most schedules. */
export function raceTable(races: readonly Hunted[]): Table {
  const worst = races.toSorted((a, b) => b.schedules.median - a.schedules.median).slice(0, LISTED);
  return {
    title:
      `Known races: PCT with d=${DEPTH} from ${SEEDS} seeds, and exhaustive search; ` +
      `the ${worst.length} worst of ${races.length}`,
    columns: ['race', 'breaks', 'median', 'most', 'as run', 'PCT s', 'search s'],
    rows: worst.map((h) => [
      h.race,
      h.property,
      count(h.schedules.median),
      count(h.schedules.max),
      count(h.schedulesAsRun.median),
      twoDigits(h.pctSeconds),
      h.exhaustive === h.property ? twoDigits(h.exhaustiveSeconds) : `${h.exhaustive}!`,
    ]),
  };
}

const count = (n: number): string =>
  n === Infinity ? `> ${thousands(MAX_SCHEDULES)}` : thousands(n);
