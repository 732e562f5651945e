import { constants } from 'node:os';
import { canUseThreads } from '../campaign/campaign.js';
import type { Out } from './options.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Hears of the user's hand. The first signal lets the searches stop in order;
 * a second one ends the process at once. Without threads nobody would be free
 * to hear: then a signal does what it always does.
 */
export class Interruption {
  /** Shared with the threads: not 0 once there was a signal. */
  readonly flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  private signal: (typeof SIGNALS)[number] | undefined;

  constructor(private readonly err: Out) {
    if (canUseThreads) for (const signal of SIGNALS) process.on(signal, this.hear);
  }

  /** The shell's exit status for the signal; undefined where there was none. */
  get status(): number | undefined {
    return this.signal && 128 + constants.signals[this.signal];
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.hear);
  }

  private readonly hear = (signal: NodeJS.Signals): void => {
    if (this.signal) process.exit(this.status);
    this.signal = signal as (typeof SIGNALS)[number];
    Atomics.store(this.flag, 0, 1);
    this.err('gmemcheck: stopping; once more to stop at once\n');
  };
}
