import type { LitmusTest } from '../../models/language/index.js';
import { checkTest } from '../check/check.js';
import type { Outside } from '../check/question.js';
import { seenNestings } from '../check/lockorder.js';
import type { Named } from '../check/named.js';
import type { SeenNesting } from '../report/lockorder.js';
import { answered, callsIn, earlyAnswer, type FoundOut } from './answered.js';
import { isInterrupted, type Answer, type Job } from './job.js';
import { drawAll, isSampled } from './sampled.js';
import { Reporter, type OnStatus } from './status.js';

export type { Answer, Form, Job } from './job.js';

/**
 * The answer that is kept already, or a new one, which is kept if it is finished.
 * @throws InputError if the protocol cannot run the test, or what is kept is damaged
 */
export async function answer(job: Job, onStatus: OnStatus = () => {}): Promise<Answer> {
  const early = earlyAnswer(job);
  if (early) return early;
  const find = isSampled(job) ? drawAll : search;
  return answered(job, (test, named) => find(test, named, job, onStatus));
}

function search(test: LitmusTest, named: Named, job: Job, onStatus: OnStatus): FoundOut {
  const { checkpoint } = job;
  let calls: readonly string[] | undefined;
  let nestings: readonly SeenNesting[] = [];
  const outside: Outside = {
    checkpoint,
    warn: (warning) => onStatus({ warning }),
    reached: new Reporter(onStatus).reached,
    ...(job.interrupt && { isInterrupted: () => isInterrupted(job) }),
    searched: (machine) => {
      nestings = seenNestings(machine, test);
      calls = callsIn(machine, test, named, job);
    },
  };
  const checked = checkTest(test, named, job.options, outside);
  return { checked, nestings, calls };
}
