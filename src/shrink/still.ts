import { EngineError, InputError } from '../core/errors.js';
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

  constructor(
    readonly asked: Asked,
    /** A run that breaks it: where it does so here, too, no search is needed. */
    readonly rehearsal: Rehearsal | undefined,
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
    const { huge, gfns } = test.scenario;
    // A leaf that is cut in two goes beyond the last gfn: not every run would come to that.
    if (huge && gfns % huge.leaf !== 0) return 'impossible';
    const at = ready(test, asked);
    const isShown = rehearsal?.breaks(at) ?? false;
    if (!isShown || this.question.right) this.scenarios++;
    const answer = isShown ? 'yes' : searched(at, asked);
    if (answer !== 'yes') return answer;
    const same = isSame(test, asked, this.question);
    return same === 'no' ? 'another' : same;
  }
}

function searched({ machine, goal }: ReturnType<typeof ready>, asked: Asked): Answer {
  if (!isOfProgress(asked.property)) return reach(machine, goal, asked.maxStates).answer;
  const lasso = findLasso(machine, asked.maxStates);
  if (lasso === 'bound hit') return lasso;
  return lasso?.kind === asked.property ? 'yes' : 'no';
}
