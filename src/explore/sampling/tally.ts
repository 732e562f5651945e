import { NOTHING, type Drawn, type Found, type Witness } from './drawn.js';
import { memberOf, type Profile, type Strategy } from './strategy.js';
import type { Walk } from './walk.js';

/** How a run went. */
export interface Made {
  readonly steps: number;
  /** Has an actor been held back because it went in circles? */
  readonly hasSpun: boolean;
  /** Has an outcome been drawn, not only an actor? */
  readonly hasChosen: boolean;
}

/** The profile where no member asks for one. */
export const UNMEASURED: Profile = { actors: 0, steps: 0, remaining: [] };

/** Counts the runs of a range. */
export class Tally {
  private runs = 0;
  private transitions = 0;
  private longest = 0;
  private cut = 0;
  /** The first run that ends as an `exists` wants it. */
  witness: Witness | undefined;
  private readonly reserved = { ...NOTHING };
  private readonly measured: Drawn['measured'];

  constructor(
    private readonly strategy: Strategy,
    private readonly first: number,
    profile: Profile | string,
  ) {
    if (typeof profile === 'string' || profile === UNMEASURED) return;
    this.measured = { actors: profile.actors, steps: profile.steps };
    this.witness = profile.witness;
  }

  add(run: number, { steps, hasSpun, hasChosen }: Made, isCut: boolean): void {
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

  drawn(found: Found | undefined): Drawn {
    const { first, runs, transitions, longest, cut, measured, reserved, witness } = this;
    return { first, runs, transitions, longest, cut, measured, reserved, witness, found };
  }

  /** The last run of those that measure broke something: no other was made. */
  foundWhileMeasuring({ run, steps, schedule }: Walk, property: string): Drawn {
    this.longest = this.transitions = steps;
    return this.drawn({ run, property, schedule });
  }
}
