import type { LitmusTest } from '../../models/language/index.js';
import { EngineError, InputError } from '../core/errors.js';
import { Run } from '../core/run.js';
import { reach } from '../explore/reach.js';
import { ready, type Asked } from './asked.js';
import { testOf, type Draft } from './draft.js';
import { isOfProgress, findLasso } from './lasso.js';
import { isSame, type Question } from './question.js';
import type { Rehearsal } from './rehearsal.js';

/** `another`: it breaks, but in what is another question; `impossible`: it makes no world. */
export type Answer = 'yes' | 'no' | 'another' | 'bound hit' | 'impossible';

/** Asks of smaller and smaller scenarios whether the same still breaks. */
export class Still {
  /** Scenarios that were searched. */
  scenarios = 0;
  question: Question = { right: undefined, isRace: false };
  /** Was something broken in the initial state to begin with? */
  private isBroken: boolean | undefined;

  constructor(
    readonly asked: Asked,
    /** A run that breaks it: where it does so here, too, no search is needed. */
    readonly rehearsal: Rehearsal | undefined,
    /** What there was to begin with. */
    private readonly whole: LitmusTest,
  ) {}

  breaks(draft: Draft): Answer {
    try {
      return this.answer(draft);
    } catch (error) {
      // A draft may be a world that the model has not: huge pages that go beyond the last gfn.
      if (error instanceof InputError || error instanceof EngineError) return 'impossible';
      if (error instanceof TypeError && draft.changes.length > 0) return 'impossible';
      throw error;
    }
  }

  private answer(draft: Draft): Answer {
    const { asked, rehearsal } = this;
    const test = testOf(draft, asked.named.protocol.own);
    // A leaf that is cut in two goes beyond the last gfn: not every run would come to that.
    if (cutsLeaf(test) && !cutsLeaf(this.whole)) return 'impossible';
    const at = ready(test, asked);
    // What nobody does is no race.
    this.isBroken ??= isBrokenAtOnce(ready(this.whole, asked));
    if (!this.isBroken && isBrokenAtOnce(at)) return 'impossible';
    const isShown = rehearsal?.breaks(at) ?? false;
    if (!isShown || this.question.right) this.scenarios++;
    const answer = isShown ? 'yes' : searched(at, asked);
    if (answer !== 'yes') return answer;
    const same = isSame(test, asked, this.question);
    return same === 'no' ? 'another' : same;
  }
}

/** Frames of the guest behind the last huge one. */
const oddOf = ({ scenario: { huge, gfns } }: LitmusTest): number => (huge ? gfns % huge.leaf : 0);

/** Is there a page of guest_memfd that only a leaf could map of which the guest has a part? */
const cutsLeaf = (test: LitmusTest): boolean =>
  oddOf(test) > 0 && test.scenario.gfns - oddOf(test) < test.scenario.pages;

const isBrokenAtOnce = ({ machine }: ReturnType<typeof ready>): boolean =>
  new Run(machine).broken !== undefined;

function searched({ machine, goal }: ReturnType<typeof ready>, asked: Asked): Answer {
  if (!isOfProgress(asked.property)) return reach(machine, goal, asked.maxStates).answer;
  const lasso = findLasso(machine, asked.maxStates);
  if (lasso === 'bound hit') return lasso;
  return lasso?.kind === asked.property ? 'yes' : 'no';
}
