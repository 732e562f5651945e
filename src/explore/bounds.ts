import { counted } from './counted.js';

/** Limits of a search; what is hit is named in the verdict. */
export interface Bounds {
  /** States that may be stored. */
  readonly maxStates: number;
  /** Steps from the start beyond which no state is expanded. */
  readonly maxDepth?: number | undefined;
  /** Seconds and MiB that the watch goes by: here for the words of the verdict only. */
  readonly maxTime?: number | undefined;
  readonly maxMemory?: number | undefined;
  /** Shown how far the search has come, and may stop it. */
  readonly watch?: Watch | undefined;
  /** States expanded from one call of the watch to the next; `WATCHED` unless given. */
  readonly watchEvery?: number;
}

/** How far a search has come. */
export interface Reached {
  /** States stored so far. */
  readonly states: number;
  /** Of these, states that are still to be expanded. */
  readonly frontier: number;
  readonly transitions: number;
  /** Steps from the start to the states now expanded, where a search goes by that. */
  readonly depth?: number;
}

/**
 * Why a search was stopped from outside: what the clock, the memory in use or
 * the user's hand say is not known inside the explored world.
 */
export type Stop = 'time' | 'memory' | 'interrupted';

/** Called each `WATCHED` expanded states. Returns why the search is to stop, if it is. */
export type Watch = (reached: Reached) => Stop | undefined;

export const WATCHED = 4096;

/** What kept a search from its end. */
export type Bound = 'states' | 'depth' | 'preemptions' | Stop;

/** What a search has covered that did not come to its end. */
export interface Covered {
  readonly bound: Bound;
  /** States stored and not expanded. */
  readonly frontier: number;
  /** Every run of at most so many steps was tried; null where that is not known. */
  readonly steps: number | null;
}

/** Thrown from within an analysis that cannot be left half way otherwise. */
export class Stopped extends Error {
  constructor(readonly stop: Stop) {
    super(stop);
  }
}

/**
 * Has a table outgrown what there is? Tables lie outside of the heap: V8 then
 * throws, and does not abort as for its heap.
 */
export function isOutOfMemory(error: unknown): boolean {
  const what = /allocation failed|Invalid typed array length|maximum size exceeded/;
  return error instanceof RangeError && what.test(error.message);
}

/** What is said then: nobody had set this bound. */
export const NO_MORE_MEMORY = 'bound hit: no more memory can be had';

/** Would the same search find out more, were it let go on? */
export function isStopped(covered: Covered | undefined): boolean {
  const stops: readonly (Bound | undefined)[] = ['time', 'memory', 'interrupted'] satisfies Stop[];
  return stops.includes(covered?.bound);
}

/** Which bound was hit, as its option is called. */
export function boundText(bound: Exclude<Bound, 'preemptions'>, bounds: Bounds): string {
  if (bound === 'interrupted') return 'interrupted';
  const { maxStates, maxDepth, maxTime, maxMemory } = bounds;
  const limit = { states: maxStates, depth: maxDepth, time: maxTime, memory: maxMemory }[bound];
  return `bound hit: --max-${bound}${limit === undefined ? '' : ` ${limit}`}`;
}

/** What is known although a search by levels did not come to its end. */
export function coveredText({ steps, frontier }: Covered): string {
  const open = `${counted(frontier, 'state')} not expanded`;
  if (steps === null || steps < 0) return open;
  return `nothing is broken by runs of at most ${counted(steps, 'step')}; ${open}`;
}
