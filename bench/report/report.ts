import { wrap } from '../../src/report/wrap.js';
import type { Results } from '../results.js';
import { notes } from './notes.js';
import { raceTable } from './races.js';
import { scheduleTable } from './schedules.js';
import { reductionTable, unreducedTable, verdictTable } from './spin.js';
import { tableLines, type Table } from './table.js';
import { targetTable } from './targets.js';

/** The benchmark's answer, as it is printed: plain ASCII, 75 columns, ratios first. */
export function benchReport(results: Results): string {
  const { compared, schedules, races } = results;
  const tables: Table[] = [
    targetTable(results),
    verdictTable(compared),
    unreducedTable(compared),
    reductionTable(compared),
    ...(schedules ? [scheduleTable(schedules)] : []),
    raceTable(races),
  ];
  const blocks = [
    head(results).flatMap((text) => wrap(text)),
    ...tables.filter((table) => table.rows.length > 0).map(tableLines),
    ...notes(results).map((note) => wrap(note)),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function head({ machine, tools, wallSeconds }: Results): string[] {
  const { processor, cores, node, platform, load } = machine;
  const [before, after] = load.map((l) => l.toFixed(1));
  return [
    `gmemcheck benchmark on ${processor}, ${cores} cores; Node ${node}, ${platform}` +
      (tools ? `; ${tools.spin.version}; ${tools.cc.version}` : '') +
      `; load average ${before} before and ${after} after ${wallSeconds.toFixed(0)} s, of ` +
      'which this is about 1. Times are processor time.',
  ];
}
