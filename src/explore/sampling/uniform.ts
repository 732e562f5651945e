import { Circling } from './circling.js';
import {
  SCALE,
  alone,
  type Chooser,
  type Member,
  type Remaining,
  type Strategy,
} from './strategy.js';
import type { Walk } from './walk.js';

/**
 * Uniform random walk (URW): not each step but each interleaving is equally
 * likely. Actors with r1, r2, ... steps left have (r1 + r2 + ...)! / (r1! r2!
 * ...) interleavings, and a share ri / (r1 + r2 + ...) of them begins with
 * actor i: so that is its chance of being next.
 *
 * Zhao, Wolff, Mathur, Roychoudhury: Selectively Uniform Concurrency Testing,
 * ASPLOS 2025, has it as the base of its SURW, which narrows it to chosen
 * events.
 *
 * What is exact for actors that run straight on without locks is an estimate
 * here: ri is the mean of what measured runs had left at the same local state,
 * and actors that are blocked are left out. An actor that spins would be taken
 * for one with much left to do; one that goes in circles waits until somebody
 * else has moved.
 */
class UniformChooser implements Chooser {
  private weights = new Int32Array(0);
  private isBlocked = new Uint8Array(0);
  private readonly circling = new Circling();
  private asleep = -1;
  private steps = 0;
  private picked = -1;

  constructor(private readonly remaining: Remaining) {}

  begin(walk: Walk): void {
    const actors = walk.nodes.length;
    if (this.weights.length !== actors) {
      this.weights = new Int32Array(actors);
      this.isBlocked = new Uint8Array(actors);
    }
    for (let a = 0; a < actors; a++) this.weights[a] = this.remaining[walk.nodes[a]!] ?? SCALE;
    this.isBlocked.fill(0);
    this.circling.begin();
    this.asleep = -1;
    this.steps = 0;
  }

  pick(walk: Walk): number {
    if (walk.steps !== this.steps) this.afterStep(walk);
    const { running, runnable } = walk;
    let total = 0;
    for (let i = 0; i < runnable; i++) total += this.weight(running[i]!);
    if (total === 0) return (this.picked = this.asleep >= 0 ? this.asleep : running[0]!);
    let drawn = walk.random.below(total);
    let i = 0;
    while ((drawn -= this.weight(running[i]!)) >= 0) i++;
    return (this.picked = running[i]!);
  }

  blocked(actor: number): void {
    this.isBlocked[actor] = 1;
    if (actor === this.asleep) this.asleep = -1;
  }

  private weight(actor: number): number {
    return this.isBlocked[actor] === 1 || actor === this.asleep ? 0 : this.weights[actor]!;
  }

  private afterStep(walk: Walk): void {
    const { picked } = this;
    this.steps = walk.steps;
    this.isBlocked.fill(0);
    // A state that no measured run passed through: a step less than before.
    this.weights[picked] =
      this.remaining[walk.nodes[picked]!] ?? Math.max(SCALE, this.weights[picked]! - SCALE);
    this.asleep = this.circling.isBack(walk, picked) ? picked : -1;
  }
}

export const uniformMember: Member = {
  name: 'URW',
  isProfiled: true,
  chooser: ({ remaining }) => new UniformChooser(remaining),
};

/** Uniform random walk over interleavings. */
export function uniformWalk(): Strategy {
  return alone(uniformMember);
}
