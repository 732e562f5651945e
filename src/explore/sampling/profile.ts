import { WITNESS, type Checker } from './checker.js';
import { drive, isBroken } from './drive.js';
import type { Witness } from './drawn.js';
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
  const walks = measured(walk, 1, left, checker, () => left.end(walk));
  if (typeof walks === 'string') return walks;
  const remaining = left.means;
  if (depth === 0) return { actors, remaining, ...walks };
  const turns = measured(walk, MEASURING + 1, new PctChooser(depth, walks.steps), checker);
  if (typeof turns === 'string') return turns;
  return { actors, remaining, steps: turns.steps, witness: walks.witness ?? turns.witness };
}

/** Steps of the longest of these runs, and a witness; what one of them has broken, instead. */
function measured(
  walk: Walk,
  first: number,
  chooser: Chooser,
  checker: Checker,
  after: () => void = () => {},
): Pick<Profile, 'steps' | 'witness'> | string {
  let steps = 1;
  let witness: Witness | undefined;
  for (let run = -first; run > -first - MEASURING; run--) {
    const end = drive(walk, run, chooser, checker);
    if (isBroken(end)) return end;
    if (end === WITNESS) witness ??= { run, schedule: walk.schedule };
    after();
    steps = Math.max(steps, walk.steps);
  }
  return { steps, witness };
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
