import type { Schedule } from '../../core/schedule.js';

/** Names of the properties, beside those of a search. */
export const DOOMED = 'doomed';
export const LIVELOCK = 'livelock';

/** A run that need not end: a way in, and a loop that can be repeated for ever. */
export interface Lasso {
  readonly kind: typeof DOOMED | typeof LIVELOCK;
  readonly stem: Schedule;
  /** Empty where the stem ends in a state that only a fault or a signal can leave. */
  readonly loop: Schedule;
  /** Steps of the stem after which no schedule lets everybody finish; doomed only. */
  readonly doomedAfter: number | undefined;
}
