import { Circling } from './circling.js';
import { alone, type Chooser, type Member, type Strategy } from './strategy.js';
import type { Walk } from './walk.js';

/**
 * Probabilistic concurrency testing: the enabled actor of highest priority
 * runs. Priorities are drawn at random, and so are d-1 of the first k steps:
 * whoever takes the i-th of these gets priority -i, below everybody who took
 * none. A run hits a bug of depth d in n actors with probability at least
 * 1 / (n k^(d-1)).
 *
 * Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs, ASPLOS 2010.
 *
 * Two deviations. The theorem wants k to be at least as long as any run; here
 * it is what some runs took, so it speaks only of bugs whose turns come within
 * the first k steps. And the theorem has no actor that waits in a loop: here
 * one that goes in circles, or that has taken more than `patience` steps since
 * it was last put behind the others, is put behind them, or some runs would
 * never end. What the bound is worth then is said with the verdict
 * (odds.ts).
 */
export class PctChooser implements Chooser {
  private priority = new Int32Array(0);
  private isBlocked = new Uint8Array(0);
  private taken = new Int32Array(0);
  private readonly changes: Int32Array;
  private readonly circling = new Circling();
  private lowest = 0;
  private steps = 0;
  private picked = -1;

  constructor(
    depth: number,
    private readonly k: number,
    private readonly patience = 2 * k,
  ) {
    this.changes = new Int32Array(depth - 1);
  }

  begin(walk: Walk): void {
    const actors = walk.nodes.length;
    const { random } = walk;
    if (this.priority.length !== actors) {
      this.priority = new Int32Array(actors);
      this.isBlocked = new Uint8Array(actors);
      this.taken = new Int32Array(actors);
    }
    for (let a = 0; a < actors; a++) {
      const place = random.below(a + 1);
      this.priority[a] = this.priority[place]!;
      this.priority[place] = a + 1;
    }
    for (let i = 0; i < this.changes.length; i++) this.changes[i] = 1 + random.below(this.k);
    this.isBlocked.fill(0);
    this.taken.fill(0);
    this.circling.begin();
    this.lowest = -this.changes.length;
    this.steps = 0;
  }

  pick(walk: Walk): number {
    if (walk.steps !== this.steps) this.afterStep(walk);
    let best = -1;
    for (let i = 0; i < walk.runnable; i++) {
      const actor = walk.running[i]!;
      if (this.isBlocked[actor] === 1) continue;
      if (best < 0 || this.priority[actor]! > this.priority[best]!) best = actor;
    }
    return (this.picked = best < 0 ? walk.running[0]! : best);
  }

  blocked(actor: number): void {
    this.isBlocked[actor] = 1;
  }

  // Only an actor that moved is demoted: one that was picked and found blocked
  // took no step, and must not use up a change meant for the one that did.
  private afterStep(walk: Walk): void {
    const { picked } = this;
    this.steps = walk.steps;
    this.isBlocked.fill(0);
    for (let i = 0; i < this.changes.length; i++)
      if (this.changes[i] === walk.steps) this.priority[picked] = -1 - i;
    const isBack = this.circling.isBack(walk, picked);
    if (!isBack && ++this.taken[picked]! <= this.patience) return;
    walk.hasSpun = true;
    this.priority[picked] = --this.lowest;
    this.taken[picked] = 0;
  }
}

/** PCT as one of several ways to choose. */
export function pctMember(depth: number): Member {
  return {
    name: `PCT of depth ${depth}`,
    depth,
    isProfiled: true,
    chooser: ({ steps }) => new PctChooser(depth, steps),
  };
}

/** PCT that aims at bugs of a depth: so many orders between steps make one. */
export function pct(depth: number): Strategy {
  return alone(pctMember(depth));
}
