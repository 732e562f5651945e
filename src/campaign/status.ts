import type { Reached } from '../explore/bounds.js';

/** How far a job has come: states of a search, or runs that were drawn. */
export type Reach = { readonly reached: Reached } | { readonly drawn: number };

/** What a job tells before it is answered. */
export type Status = Reach | { readonly warning: string };

export type OnStatus = (status: Status) => void;

/** Milliseconds from one status to the next: faster than anybody reads. */
const INTERVAL = 100;

/** Lets a status through now and then. */
export class Reporter {
  private last = performance.now();

  constructor(private readonly onStatus: OnStatus) {}

  readonly reached = (reached: Reached): void => this.tell(() => ({ reached }));

  tell(status: () => Reach): void {
    const now = performance.now();
    if (now - this.last < INTERVAL) return;
    this.last = now;
    this.onStatus(status());
  }
}
