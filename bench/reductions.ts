import { ALL, NONE, reductionNames, type Reductions } from '../src/explore/reductions/options.js';
import { searchReduced } from './exhaustive.js';
import type { Subject } from './subject.js';

/** The reductions that there are, each alone. */
const single: readonly Reductions[] = Object.keys(ALL).map((name) => ({ ...NONE, [name]: true }));

/** Their names, in the same order. */
export const singleNames: readonly string[] = single.map((r) =>
  reductionNames(r).replace('reduced: ', ''),
);

/** States stored with each reduction alone, in the order of `singleNames`. */
export async function storedWithEach(subject: Subject): Promise<number[]> {
  const stored: number[] = [];
  for (const reductions of single) stored.push((await searchReduced(subject, reductions)).states);
  return stored;
}
