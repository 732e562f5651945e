import type { Answer, Job } from './job.js';
import { canUseThreads, Pool } from './pool.js';
import { isSampled } from './sampled.js';
import { answerSplit, slicesOf } from './split.js';
import type { OnStatus, Reach } from './status.js';

export { canUseThreads };

/** Is told how a campaign goes on, by the jobs' places. */
export interface Watcher {
  started(job: number): void;
  status(job: number, status: Reach): void;
  answered(job: number): void;
}

export interface Listeners {
  /** Has the answers in the order of the jobs. */
  readonly onAnswer: (answer: Answer) => void;
  /** Is told of trouble that does not end a job. */
  readonly onWarning?: (text: string) => void;
  readonly progress?: Watcher | undefined;
}

/**
 * Answers jobs, several at a time, and hands each answer over in the order of
 * the jobs: what a reader sees does not depend on the number of workers.
 * @throws InputError as the first refused job does
 */
export async function runCampaign(
  jobs: readonly Job[],
  workers: number,
  { onAnswer, onWarning, progress }: Listeners,
): Promise<void> {
  const pool = new Pool(canUseThreads ? workers : 0);
  const answers = jobs.map((job, i) => answerOne(job, i));
  // A job that fails is met when its turn comes, not before.
  for (const each of answers) each.catch(() => {});
  try {
    for (const each of answers) onAnswer(await each);
  } finally {
    await pool.close();
  }

  async function answerOne(job: Job, i: number): Promise<Answer> {
    const tell: OnStatus = (status) => {
      if ('warning' in status) onWarning?.(status.warning);
      else progress?.status(i, status);
    };
    const start = (): void => progress?.started(i);
    const threads = threadsFor(job, Math.ceil(workers / jobs.length), pool);
    const found =
      threads > 1
        ? await answerSplit(job, threads, pool, start, tell)
        : await pool.use((thread) => {
            start();
            return thread.perform<Answer>({ answer: job }, tell);
          });
    progress?.answered(i);
    return found;
  }
}

/**
 * Where there are more threads than jobs, schedules are drawn on several. Not so
 * where it is to be told what came of each step: only one machine's tables do.
 */
function threadsFor(job: Job, most: number, pool: Pool): number {
  const isOne = pool.size === 0 || job.coverage !== 'none' || !isSampled(job);
  return isOne ? 1 : Math.min(most, slicesOf(job.options.runs));
}
