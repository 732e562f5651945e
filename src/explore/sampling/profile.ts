import type { Checker } from './checker.js';
import { CUT, drive } from './drive.js';
import { PctChooser } from './pct.js';
import { randomMember } from './random.js';
import { SCALE, type Chooser, type Profile, type Strategy } from './strategy.js';
import type { Walk } from './walk.js';

/** Runs that measure, of each kind. */
export const MEASURING = 64;

/**
 * Measures what strategies want to know of a world, by runs that come before
 * those that count: a bound on probabilities holds only if n and k are fixed
 * before anything is drawn. Their numbers are below 0; everybody who draws
 * some of the runs makes all of these first, and has the same profile.
 *
 * Random walks say how many steps actors have left at a local state. k is the
 * length of runs under priorities, as those are what the bound speaks of: they
 * retry less than random walks, and the smaller k is the better the bound.
 * @returns what one of the runs has broken, instead
 */
export function measure(walk: Walk, strategy: Strategy, checker: Checker): Profile | string {
  const actors = walk.nodes.length;
  const depth = Math.max(0, ...strategy.members.map((m) => m.depth ?? 0));
  const left = new Left();
  const walks = longestOf(walk, 1, left, checker, () => left.end(walk));
  if (typeof walks === 'string') return walks;
  const remaining = left.means;
  if (depth === 0) return { actors, steps: walks, remaining };
  const steps = longestOf(walk, MEASURING + 1, new PctChooser(depth, walks), checker);
  return typeof steps === 'string' ? steps : { actors, steps, remaining };
}

/** Steps of the longest of these runs; what one of them has broken, instead. */
function longestOf(
  walk: Walk,
  first: number,
  chooser: Chooser,
  checker: Checker,
  after: () => void = () => {},
): number | string {
  let longest = 1;
  for (let i = first; i < first + MEASURING; i++) {
    const broken = drive(walk, -i, chooser, checker);
    if (broken !== undefined && broken !== CUT) return broken;
    after();
    longest = Math.max(longest, walk.steps);
  }
  return longest;
}

/** A random walk that counts what actors have left at each local node. */
class Left implements Chooser {
  private readonly uniform = randomMember.chooser({ actors: 0, steps: 0, remaining: [] });
  /** Local node that each step was taken from. */
  private readonly nodes: number[] = [];
  private readonly sums: number[] = [];
  private readonly times: number[] = [];

  begin(walk: Walk): void {
    this.uniform.begin(walk);
  }

  pick(walk: Walk): number {
    const actor = this.uniform.pick(walk);
    this.nodes[walk.steps] = walk.nodes[actor]!;
    return actor;
  }

  blocked(actor: number): void {
    this.uniform.blocked(actor);
  }

  /** From the end back: at its last step an actor has one left, itself. */
  end({ actors }: Walk): void {
    const left: number[] = [];
    for (let i = actors.length - 1; i >= 0; i--) {
      const node = this.nodes[i]!;
      const steps = (left[actors[i]!] = (left[actors[i]!] ?? 0) + 1);
      this.sums[node] = (this.sums[node] ?? 0) + steps;
      this.times[node] = (this.times[node] ?? 0) + 1;
    }
  }

  get means(): number[] {
    return this.sums.map((sum, node) => Math.round((SCALE * sum) / this.times[node]!));
  }
}
