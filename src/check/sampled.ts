import type { LitmusTest } from '../../models/language/index.js';
import type { Machine } from '../core/machine.js';
import { conclude } from '../explore/sampling/conclude.js';
import type { Drawn } from '../explore/sampling/drawn.js';
import { Sampler } from '../explore/sampling/sample.js';
import { checkedOf, type Checked } from './check.js';
import { questionOf, type CheckOptions, type Question } from './question.js';
import { learntOf, unionOf, type Learnt } from './learnt.js';
import type { Named } from './named.js';
import { sampledBy, samplingOf } from './sampling.js';

/**
 * One test under one protocol, by schedules that are drawn. Any range of them
 * can be drawn by any thread, each with an object of its own; one of them then
 * has the answer from all that was drawn. It is the same whoever drew what.
 */
export class SampledCheck {
  private readonly question: Question;
  private readonly sampler: Sampler;

  /** @throws InputError if the test cannot be built */
  constructor(test: LitmusTest, named: Named, options: CheckOptions) {
    this.question = questionOf(test, named, options);
    this.sampler = new Sampler(this.machine, sampledBy(options)!, samplingOf(options));
  }

  get machine(): Machine {
    return this.question.machine;
  }

  /** @param goesOn is asked before each run; where it says no, the range ends there. */
  draw(first: number, runs: number, goesOn?: (run: number) => boolean): Drawn {
    return this.sampler.draw(first, runs, goesOn);
  }

  get learnt(): Learnt {
    return learntOf(this.machine);
  }

  /** @param drawn all ranges, joined in their order */
  conclude(drawn: Drawn): Checked {
    const { options } = this.question;
    const found = conclude(this.machine, sampledBy(options)!, samplingOf(options), drawn);
    return checkedOf(this.question, { found, progress: 'not checked', unsaved: 'sampled' });
  }

  /** A machine that has come by what all of those have who drew. */
  unionOf(parts: readonly Learnt[]): Machine {
    const { test, named, options } = this.question;
    return unionOf(parts, () => questionOf(test, named, options).machine);
  }
}
