/** Depth that pct aims at: most known concurrency bugs are no deeper. */
export const PCT_DEPTH = 3;

/** Seconds from one save of a search to the next. */
export const SAVE_EVERY = 30;
