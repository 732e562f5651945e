import { isReduced } from '../explore/reductions/options.js';
import type { CheckOptions, Unsaved } from './question.js';

const WHY: Readonly<Record<Unsaved, string>> = {
  reduced:
    'a reduced search is not saved, as it stands on its path and on what it has learnt, ' +
    'not on its states alone',
  contexts:
    'a search by contexts is not saved, as it stands on the moves that it has put off, ' +
    'not on its states alone',
  'hash-compact': 'signatures are not saved, as no states can be had from them',
  sampled: 'schedules that were drawn are not saved, as they are counted and not kept',
};

/** Why there is no checkpoint of it, as half a sentence. */
export const whyUnsaved = (search: Unsaved): string => WHY[search];

/**
 * What these options have searched from the first on, if that is not saved. What
 * has too many states may still come to such a search later.
 */
export function unsavedBy({
  strategy,
  reduce,
  hashCompact,
}: Pick<CheckOptions, 'strategy' | 'reduce' | 'hashCompact'>): Unsaved | undefined {
  if (strategy === 'contexts') return 'contexts';
  if (strategy !== 'exhaustive') return 'sampled';
  if (hashCompact) return 'hash-compact';
  return reduce && isReduced(reduce) ? 'reduced' : undefined;
}
