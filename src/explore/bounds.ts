/** Limits of a search; what is hit is named in the verdict. */
export interface Bounds {
  /** States that may be stored. */
  readonly maxStates: number;
  /** Steps from the start beyond which no state is expanded. */
  readonly maxDepth?: number;
  /** Shown how far the search has come, and may stop it. */
  readonly watch?: Watch;
}

/** How far a search has come. */
export interface Reached {
  /** States stored so far. */
  readonly states: number;
  /** Of these, states that are still to be expanded. */
  readonly frontier: number;
  readonly transitions: number;
}

/**
 * Why a search was stopped from outside: what the clock, the memory in use or
 * the user's hand say is not known inside the explored world.
 */
export type Stop = 'time' | 'memory' | 'interrupted';

/** Called each `WATCHED` expanded states. Returns why the search is to stop, if it is. */
export type Watch = (reached: Reached) => Stop | undefined;

export const WATCHED = 4096;
