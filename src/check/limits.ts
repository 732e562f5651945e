import { freemem, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { Stopped, type Reached, type Stop } from '../explore/bounds.js';
import type { CheckOptions, Outside } from './question.js';

const MIB = 2 ** 20;

/** Above this part of its limit the heap is as good as full: V8 aborts, it does not throw. */
const FULL_HEAP = 0.9;

/** Where others use memory too, a search that holds little goes on a little longer. */
const GRACE = 1.05;

/** What there is to measure. */
export interface Meters {
  /** Milliseconds, from whenever. */
  now(): number;
  /** Bytes that this process has, all of its threads together. */
  resident(): number;
  /** Bytes that this thread has, tables outside of the heap included. */
  own(): number;
  /** Bytes in this thread's heap, as a part of what may be. */
  heap(): number;
}

const METERS: Meters = {
  now: () => performance.now(),
  resident: () => process.memoryUsage.rss(),
  own: () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  heap: () => {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    return used / limit;
  },
};

/** What may stop a check from outside: the clock, the memory in use, the user's hand. */
export class Limits {
  private start: number;

  constructor(
    private readonly options: Pick<CheckOptions, 'maxTime' | 'maxMemory' | 'sharers'>,
    private readonly outside: Pick<Outside, 'reached' | 'isInterrupted'>,
    private readonly meters: Meters = METERS,
  ) {
    this.start = meters.now();
  }

  /** The watch of a search. */
  readonly watch = (reached: Reached): Stop | undefined => {
    this.outside.reached?.(reached);
    return this.stop();
  };

  /** For what cannot be left half way otherwise. @throws Stopped */
  readonly pulse = (): void => {
    const stop = this.stop();
    if (stop) throw new Stopped(stop);
  };

  /** @param more bytes that are about to be needed as well */
  stop(more = 0): Stop | undefined {
    const { maxTime, maxMemory } = this.options;
    if (this.outside.isInterrupted?.()) return 'interrupted';
    if (maxTime !== undefined && this.seconds >= maxTime) return 'time';
    if (maxMemory !== undefined && this.isTooMuch(maxMemory * MIB, more)) return 'memory';
    return this.meters.heap() > FULL_HEAP ? 'memory' : undefined;
  }

  /** Has the time begin now: what came before was no search. */
  startClock(): void {
    this.start = this.meters.now();
  }

  /** Seconds since the search began. */
  get seconds(): number {
    return (this.meters.now() - this.start) / 1000;
  }

  private isTooMuch(limit: number, more: number): boolean {
    const { meters } = this;
    const resident = meters.resident() + more;
    if (resident <= limit) return false;
    const { sharers = 1 } = this.options;
    if (sharers === 1 || resident > limit * GRACE) return true;
    return meters.own() + more > resident / (2 * sharers);
  }
}

/** What a machine has, bytes; 0 or more than there can be where there is no constraint. */
export interface Installed {
  readonly total: number;
  readonly free: number;
  readonly constraint: number;
  /** Of this process. */
  readonly resident: number;
}

/**
 * The memory that a check may use unless told otherwise, MiB: not all that there
 * is, since a table that grows is there twice for a moment, and what others
 * have taken only as far as the system says that it can be had.
 */
export function defaultMemory(installed: Installed = measured()): number {
  const { total, free, constraint, resident } = installed;
  const most = constraint > 0 ? Math.min(total, constraint) : total;
  return Math.max(64, Math.floor(Math.min(0.8 * most, 0.9 * (free + resident)) / MIB));
}

function measured(): Installed {
  const constraint = process.constrainedMemory();
  return { total: totalmem(), free: freemem(), constraint, resident: process.memoryUsage.rss() };
}
