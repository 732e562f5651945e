import { createLogUpdate } from 'log-update';
import type { Watcher } from '../../campaign/campaign.js';
import type { Reach } from '../../campaign/status.js';
import type { Out } from '../options.js';
import { duration, Running, type Limits } from './running.js';
import { bar, type Whole } from './whole.js';

/** A terminal that lines can be drawn on, and drawn over. */
export type Terminal = NodeJS.WritableStream & {
  readonly columns?: number;
  /** What is drawn on it is a part of this. */
  readonly whole?: Whole;
};

/** Milliseconds from one drawing to the next. */
const INTERVAL = 200;

/**
 * How a campaign goes on, drawn at the bottom of a terminal. What is written
 * besides goes above it, and stays.
 */
export class Progress implements Watcher {
  private readonly update;
  private readonly running = new Map<number, Running>();
  private readonly timer: NodeJS.Timeout;
  private readonly since: number;
  private answers = 0;
  private drawn = -Infinity;
  private isClosed = false;

  /**
   * @param labels of the jobs: test and protocol
   * @param now milliseconds, from whenever
   */
  constructor(
    private readonly terminal: Terminal,
    private readonly labels: readonly string[],
    private readonly limits: Limits,
    private readonly now: () => number = () => performance.now(),
  ) {
    // With the cursor as it is: whoever kills the program finds it there.
    this.update = createLogUpdate(terminal as NodeJS.WriteStream, { showCursor: true });
    this.since = now();
    // A search on this very thread leaves the timer no turn: then events draw.
    this.timer = setInterval(() => this.draw(), INTERVAL).unref();
  }

  started(job: number): void {
    this.running.set(job, new Running(this.labels[job]!, this.limits, this.now()));
    this.draw();
  }

  status(job: number, status: Reach): void {
    this.running.get(job)?.hear(status, this.now());
    this.draw();
  }

  answered(job: number): void {
    this.running.delete(job);
    this.answers++;
    this.draw();
  }

  /** A way to write to the same terminal. */
  above(out: Out): Out {
    return (text) => {
      this.update.clear();
      out(text);
      this.drawn = -Infinity;
    };
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.timer);
    this.update.clear();
    this.update.done();
  }

  private draw(): void {
    const now = this.now();
    if (this.isClosed || now - this.drawn < INTERVAL) return;
    this.drawn = now;
    const width = (this.terminal.columns ?? 80) - 1;
    this.update(
      this.lines(now)
        .map((line) => line.slice(0, width))
        .join('\n'),
    );
  }

  private lines(now: number): string[] {
    const { answers, labels, running } = this;
    const jobs = [...running.values()].map((each) => each.text(now));
    const { whole } = this.terminal;
    const above = whole ? [whole.line(answers)] : [];
    if (labels.length === 1) return [...above, ...jobs];
    const elapsed = duration((now - this.since) / 1000);
    return [...above, `${bar(answers, labels.length)} tests, ${elapsed}`, ...jobs];
  }
}
