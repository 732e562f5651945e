import { duration } from './running.js';

const BAR = 24;

/** `[####....] 5 of 20` */
export function bar(done: number, all: number): string {
  const filled = all === 0 ? BAR : Math.floor((BAR * done) / all);
  return `[${'#'.repeat(filled).padEnd(BAR, '.')}] ${done} of ${all}`;
}

/** Commands that run one behind the other: how far all of them have come. */
export class Whole {
  private part = 0;
  private over = 0;
  private readonly since: number;

  /** @param parts how many tests each has */
  constructor(
    private readonly parts: readonly number[],
    private readonly now: () => number = () => performance.now(),
  ) {
    this.since = now();
  }

  /** The part that is under way is over, whatever it has come to. */
  next(): void {
    this.over += this.parts[this.part++] ?? 0;
  }

  /** @param answers of the part that is under way */
  line(answers: number): string {
    const { part, parts, over, since } = this;
    const all = parts.reduce((sum, n) => sum + n, 0);
    const elapsed = duration((this.now() - since) / 1000);
    return `${bar(over + answers, all)} in all, part ${part + 1} of ${parts.length}, ${elapsed}`;
  }
}
