import type { Reach } from '../../campaign/status.js';
import { Window } from './window.js';

/** What a job is bounded by: shares of these are all that is known of its end. */
export interface Limits {
  readonly runs: number;
  readonly maxStates: number;
  readonly maxTime?: number | undefined;
}

/** A change of the frontier that is none, as a part of it each second. */
const STEADY = 0.01;

/** A job that is under way, in words. */
export class Running {
  private status: Reach | undefined;
  /** States, or runs. */
  private readonly amount = new Window();
  private readonly frontier = new Window();

  constructor(
    private readonly label: string,
    private readonly limits: Limits,
    private readonly since: number,
  ) {}

  hear(status: Reach, now: number): void {
    this.status = status;
    if ('drawn' in status) this.amount.add(now, status.drawn);
    else {
      this.amount.add(now, status.reached.states);
      this.frontier.add(now, status.reached.frontier);
    }
  }

  /** One line. An exhaustive search has no total to be measured by, and gets none. */
  text(now: number): string {
    return `${this.label}: ${[...this.parts(now)].join(', ')}`;
  }

  private *parts(now: number): Generator<string> {
    const { status } = this;
    const seconds = (now - this.since) / 1000;
    const rate = this.amount.rate;
    if (!status) yield duration(seconds);
    else if ('drawn' in status) yield* this.runs(status.drawn, rate);
    else {
      const { states, frontier } = status.reached;
      yield `${count(states)} ${states === 1 ? 'state' : 'states'}`;
      if (rate !== undefined) yield `${count(rate)}/s`;
      yield `frontier ${count(frontier)}${this.trend(frontier)}`;
      yield* this.shares(states, seconds);
    }
  }

  private *runs(drawn: number, rate: number | undefined): Generator<string> {
    const { runs } = this.limits;
    yield `${count(drawn)} of ${count(runs)} ${runs === 1 ? 'run' : 'runs'}`;
    if (!rate) return;
    yield `${count(rate)}/s`;
    yield `at most about ${duration((runs - drawn) / rate)} left`;
  }

  private trend(frontier: number): string {
    const { rate } = this.frontier;
    if (rate === undefined) return '';
    if (Math.abs(rate) <= STEADY * frontier) return ' steady';
    return rate > 0 ? ' growing' : ' shrinking';
  }

  private *shares(states: number, seconds: number): Generator<string> {
    const { maxStates, maxTime } = this.limits;
    yield `${percent(states / maxStates)} of --max-states`;
    if (maxTime !== undefined) yield `${percent(seconds / maxTime)} of --max-time`;
  }
}

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** 999, 1.23K, 12.3M: a line has much to say. */
export const count = (value: number): string => short.format(Math.round(value));

/** Rounded down: what is not all is not called all. */
function percent(share: number): string {
  return `${Math.floor(100 * Math.min(1, share))}%`;
}

/** `8 s`, `3 min`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
