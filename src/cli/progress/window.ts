/** Milliseconds that a rate looks back: long enough not to flicker. */
const LENGTH = 5_000;

/** Milliseconds over which a rate means anything. */
const SHORTEST = 500;

/** The last few seconds of a number that changes. */
export class Window {
  private readonly seen: { readonly at: number; readonly value: number }[] = [];

  /** @param at milliseconds, never going back */
  add(at: number, value: number): void {
    this.seen.push({ at, value });
    while (at - this.seen[0]!.at > LENGTH && this.seen.length > 2) this.seen.shift();
  }

  /** Its change a second; undefined until there is enough to tell. */
  get rate(): number | undefined {
    const [first, last] = [this.seen[0], this.seen.at(-1)];
    if (!first || !last || last.at - first.at < SHORTEST) return undefined;
    return ((last.value - first.value) * 1000) / (last.at - first.at);
  }
}
