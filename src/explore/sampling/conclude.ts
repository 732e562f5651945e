import type { Machine } from '../../core/machine.js';
import { CONDITION, type SearchResult } from '../verdict.js';
import type { Drawn } from './drawn.js';
import { oddsText } from './odds.js';
import { MEASURING } from './profile.js';
import { memberOf, type Sampling, type Strategy } from './strategy.js';

/** The verdict on what was drawn. */
export function conclude(
  machine: Machine,
  strategy: Strategy,
  { runs: wantedRuns, seed, maxSteps }: Sampling,
  drawn: Drawn,
): SearchResult {
  const { runs, transitions, longest, cut, found } = drawn;
  const wanted = machine.world.condition?.quantifier === 'exists';
  const cutText = cut > 0 ? `, ${cut} of them cut short after ${maxSteps}` : '';
  const schedules = found && found.run < 0 ? measuringText(found.run) : `${runs} schedules sampled`;
  const head = `${schedules} (${strategy.name}, seed ${seed}), longest ${longest} steps${cutText}`;
  const base = { states: 0, transitions, footing: 'sampled', property: null } as const;
  if (found) {
    const { run, property, schedule } = found;
    const by = strategy.members.length > 1 && run >= 0;
    const note = by ? `${head}; found by ${strategy.members[memberOf(strategy, run)]!.name}` : head;
    if (property === CONDITION && wanted) return { ...base, verdict: 'holds', schedule, note };
    return { ...base, verdict: 'violated', property, schedule, note };
  }
  const note = head + oddsText(strategy, drawn);
  const open = { ...base, footing: null, verdict: 'undecided', schedule: null } as const;
  if (runs < wantedRuns) {
    const covered = { bound: 'interrupted', frontier: 0, steps: null } as const;
    return { ...open, note: `interrupted before ${wantedRuns - runs} more; ${note}`, covered };
  }
  if (wanted) return { ...open, note: `${note}; no witness` };
  if (runs > 0 && cut === runs) return { ...open, note: `${note}; no run came to its end` };
  return { ...base, verdict: 'holds', schedule: null, note };
}

function measuringText(run: number): string {
  const walks = Math.min(-run, MEASURING);
  const others = -run > MEASURING ? ` and ${-run - MEASURING} of PCT` : '';
  return `found while measuring, by ${walks} random walks${others}`;
}
