import type { Machine } from '../../core/machine.js';
import type { Schedule } from '../../core/schedule.js';
import type { SearchResult } from '../verdict.js';
import { Checker, WITNESS } from './checker.js';
import { conclude } from './conclude.js';
import { CUT, drive, isBroken } from './drive.js';
import type { Drawn } from './drawn.js';
import { FastWalk } from './fast-walk.js';
import { measure } from './profile.js';
import { randomMember } from './random.js';
import { memberOf, type Chooser, type Profile, type Sampling, type Strategy } from './strategy.js';
import { Tally, UNMEASURED, type Made } from './tally.js';
import { Walk } from './walk.js';

/** Draws schedules, checks every state they pass through, and says what that came to. */
export function sample(machine: Machine, strategy: Strategy, sampling: Sampling): SearchResult {
  return conclude(machine, strategy, sampling, draw(machine, strategy, sampling));
}

/** Draws `runs` runs, from number `first` on. */
export function draw(machine: Machine, strategy: Strategy, sampling: Sampling): Drawn {
  const { first = 0, runs } = sampling;
  return new Sampler(machine, strategy, sampling).draw(first, runs);
}

/**
 * Draws ranges of runs. Run i depends on the seed, on i and on the profile,
 * which depends on the seed: not on what was drawn before. So any division of
 * the runs, joined in order (drawn.ts), comes to the same.
 */
export class Sampler {
  private readonly checker: Checker;
  private readonly walk: Walk;
  private readonly profile: Profile | string;
  /** What makes the runs of each member, and, where that keeps no schedule, what does. */
  private readonly runners: readonly Runner[];
  private readonly driven: readonly Runner[];

  constructor(
    machine: Machine,
    private readonly strategy: Strategy,
    { seed, maxSteps }: Pick<Sampling, 'seed' | 'maxSteps'>,
  ) {
    this.checker = new Checker(machine);
    this.walk = new Walk(machine, seed, maxSteps);
    const isMeasured = strategy.members.some((m) => m.isProfiled);
    this.profile = isMeasured ? measure(this.walk, strategy, this.checker) : UNMEASURED;
    const { profile, walk, checker } = this;
    if (typeof profile === 'string') {
      this.runners = this.driven = [];
      return;
    }
    this.driven = strategy.members.map((m) => new Driven(walk, m.chooser(profile), checker));
    const fast = new FastWalk(machine, seed, maxSteps, checker);
    this.runners = strategy.members.map((m, i) => (m === randomMember ? fast : this.driven[i]!));
  }

  /** @param goesOn is asked before each run; where it says no, the range ends there. */
  draw(first: number, runs: number, goesOn: (run: number) => boolean = () => true): Drawn {
    const { strategy, profile, walk } = this;
    const tally = new Tally(strategy, first, profile);
    if (typeof profile === 'string') return tally.foundWhileMeasuring(walk, profile);
    for (let run = first; run < first + runs && goesOn(run); run++) {
      const runner = this.runners[memberOf(strategy, run)]!;
      const end = runner.run(run);
      tally.add(run, runner, end === CUT);
      if (end === undefined) continue;
      if (end === WITNESS) tally.witness ??= { run, schedule: this.scheduleOf(run) };
      if (isBroken(end)) return tally.drawn({ run, property: end, schedule: this.scheduleOf(run) });
    }
    return tally.drawn(undefined);
  }

  private scheduleOf(run: number): Schedule {
    this.driven[memberOf(this.strategy, run)]!.run(run);
    return this.walk.schedule;
  }
}

/** Makes runs by number; tells what they broke, and how they went. */
interface Runner extends Made {
  run(run: number): string | undefined;
}

/** Runs by a chooser, with their schedules. */
class Driven implements Runner {
  constructor(
    private readonly walk: Walk,
    private readonly chooser: Chooser,
    private readonly checker: Checker,
  ) {}

  run(run: number): string | undefined {
    return drive(this.walk, run, this.chooser, this.checker);
  }

  get steps(): number {
    return this.walk.steps;
  }
  get hasSpun(): boolean {
    return this.walk.hasSpun;
  }
  get hasChosen(): boolean {
    return this.walk.hasChosen;
  }
}
