import type { Machine } from '../../core/machine.js';
import type { Bounds } from '../bounds.js';
import { counted } from '../counted.js';
import { ExhaustiveSearch } from '../exhaustive.js';
import type { SearchResult } from '../verdict.js';
import { Compacted } from './compacted.js';
import { missOdds, missOddsText } from './odds.js';

/** Bits of a signature unless told otherwise. */
export const SIGNATURE_BITS = 64;

/** How states are told apart. */
export interface Signatures {
  readonly bits: number;
  /** Another seed gives signatures that miss other states, if any. */
  readonly seed: number;
}

/**
 * Breadth-first search that keeps signatures of states. What it finds broken is
 * broken: the run is made of decisions, and replays. That nothing is broken it
 * says with the odds that a state was missed.
 */
export function searchHashCompact(
  machine: Machine,
  bounds: Bounds,
  { bits, seed }: Signatures,
): SearchResult {
  const states = new Compacted(machine.initialNodes.length + 1, bits, seed);
  const search = new ExhaustiveSearch(machine, bounds, states);
  const found = search.run();
  const odds = missOdds(found.states, bits);
  const missed =
    `that a state was missed has a chance of at most ${missOddsText(found.states, bits)} ` +
    `(n^2/2^(b+1), n=${counted(found.states, 'state')}, b=${bits} bits of each, seed ${seed})`;
  const result = { ...found, footing: 'hash-compact', missOdds: odds } as const;
  if (found.verdict === 'undecided')
    return { ...result, footing: null, note: `${found.note}; ${missed}` };
  if (found.verdict === 'violated' && found.schedule)
    return { ...result, note: `the first run that was met; ${missed}` };
  const isWitnessed = found.verdict === 'holds' && found.schedule !== null;
  if (odds === 1 && !isWitnessed) {
    const note = `too many states for signatures of ${bits} bits; ${missed}`;
    return { ...result, verdict: 'undecided', footing: null, property: null, note };
  }
  const all = `no state left to visit, ${counted(search.position.finals, 'final one')} met`;
  const witness = isWitnessed ? '; one that satisfies the condition is shown' : '';
  const missing = found.verdict === 'violated' ? '; none of them satisfies the condition' : '';
  return { ...result, note: `${all}${witness}${missing}; ${missed}` };
}
