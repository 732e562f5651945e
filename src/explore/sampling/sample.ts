import type { Machine } from '../../core/machine.js';
import type { SearchResult } from '../verdict.js';
import { Checker } from './checker.js';
import { conclude } from './conclude.js';
import { CUT, drive } from './drive.js';
import { NOTHING, type Drawn, type Found } from './drawn.js';
import { measure } from './profile.js';
import { memberOf, type Profile, type Sampling, type Strategy } from './strategy.js';
import { Walk } from './walk.js';

/** Draws schedules, checks every state they pass through, and says what that came to. */
export function sample(machine: Machine, strategy: Strategy, sampling: Sampling): SearchResult {
  return conclude(machine, strategy, sampling, draw(machine, strategy, sampling));
}

/**
 * Draws the runs from number `first` on. Run i depends on the seed, on i and on
 * the profile, which depends on the seed: not on what was drawn before. So any
 * division of the runs, joined in order (drawn.ts), comes to the same.
 */
export function draw(machine: Machine, strategy: Strategy, sampling: Sampling): Drawn {
  const { first = 0, runs, seed, maxSteps } = sampling;
  const checker = new Checker(machine);
  const walk = new Walk(machine, seed, maxSteps);
  const measured = isMeasured(strategy) ? measure(walk, strategy, checker) : UNMEASURED;
  const tally = new Tally(strategy, first, measured);
  if (typeof measured === 'string') return tally.found(walk, measured);
  const choosers = strategy.members.map((m) => m.chooser(measured));
  for (let run = first; run < first + runs; run++) {
    const broken = drive(walk, run, choosers[memberOf(strategy, run)]!, checker);
    tally.add(walk, broken === CUT);
    if (broken !== undefined && broken !== CUT) return tally.found(walk, broken);
  }
  return tally.drawn(undefined);
}

const UNMEASURED: Profile = { actors: 0, steps: 0, remaining: [] };

function isMeasured(strategy: Strategy): boolean {
  return strategy.members.some((m) => m.isProfiled);
}

/** Counts runs. */
class Tally {
  private runs = 0;
  private transitions = 0;
  private longest = 0;
  private cut = 0;
  private readonly reserved = { ...NOTHING };
  private readonly measured: Drawn['measured'];

  constructor(
    private readonly strategy: Strategy,
    private readonly first: number,
    profile: Profile | string,
  ) {
    if (typeof profile === 'string' || profile === UNMEASURED) return;
    this.measured = { actors: profile.actors, steps: profile.steps };
  }

  add({ run, steps, hasSpun, hasChosen }: Walk, isCut: boolean): void {
    this.runs++;
    this.transitions += steps;
    this.longest = Math.max(this.longest, steps);
    this.cut += Number(isCut);
    const { members } = this.strategy;
    if (members[memberOf(this.strategy, run)]!.depth === undefined) return;
    this.reserved.beyond += Number(steps > this.measured!.steps);
    this.reserved.spun += Number(hasSpun);
    this.reserved.chosen += Number(hasChosen);
  }

  found({ run, steps, schedule }: Walk, property: string): Drawn {
    if (run < 0) this.longest = this.transitions = steps;
    return this.drawn({ run, property, schedule });
  }

  drawn(found: Found | undefined): Drawn {
    const { first, runs, transitions, longest, cut, measured, reserved } = this;
    return { first, runs, transitions, longest, cut, measured, reserved, found };
  }
}
