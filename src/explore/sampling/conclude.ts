import type { Machine } from '../../core/machine.js';
import { counted } from '../counted.js';
import type { SearchResult } from '../verdict.js';
import type { Drawn, Witness } from './drawn.js';
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
  const { runs, transitions, longest, cut, found, witness } = drawn;
  const wanted = machine.world.condition?.quantifier === 'exists';
  const cutText = cut > 0 ? `, ${cut} of them cut short after ${maxSteps}` : '';
  const schedules =
    found && found.run < 0
      ? `found ${measuringText(found.run)}`
      : `${counted(runs, 'schedule')} sampled`;
  const head = `${schedules} (${strategy.name}, seed ${seed}), longest ${counted(longest, 'step')}${cutText}`;
  const base = { states: 0, transitions, footing: 'sampled', property: null } as const;
  if (found) {
    const { run, property, schedule } = found;
    const by = strategy.members.length > 1 && run >= 0;
    const note = by ? `${head}; found by ${memberName(strategy, run)}` : head;
    return { ...base, verdict: 'violated', property, schedule, note };
  }
  const shown = wanted ? witnessText(strategy, witness) : '';
  const note = head + shown + oddsText(strategy, drawn);
  const schedule = witness?.schedule ?? null;
  const open = { ...base, footing: null, verdict: 'undecided', schedule } as const;
  if (runs < wantedRuns) {
    const covered = { bound: 'interrupted', frontier: 0, steps: null } as const;
    return { ...open, note: `interrupted before ${wantedRuns - runs} more; ${note}`, covered };
  }
  if (runs > 0 && cut === runs) return { ...open, note: `${note}; no run came to its end` };
  if (wanted && !witness) return { ...open, note };
  return { ...base, verdict: 'holds', schedule, note };
}

/** Which schedule is the one that was asked for, counted from 1; nothing else was broken. */
function witnessText(strategy: Strategy, witness: Witness | undefined): string {
  if (!witness) return '; no witness';
  const { run } = witness;
  if (run < 0) return `; a witness was found ${measuringText(run)}`;
  const by = strategy.members.length > 1 ? `, by ${memberName(strategy, run)},` : '';
  return `; schedule ${run + 1}${by} is a witness`;
}

const memberName = (strategy: Strategy, run: number): string =>
  strategy.members[memberOf(strategy, run)]!.name;

function measuringText(run: number): string {
  const walks = Math.min(-run, MEASURING);
  const others = -run > MEASURING ? ` and ${-run - MEASURING} of PCT` : '';
  return `while measuring, by ${counted(walks, 'random walk')}${others}`;
}
