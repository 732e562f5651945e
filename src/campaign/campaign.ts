import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { EngineError, InputError } from '../core/errors.js';
import { answer, type Answer, type Job } from './answer.js';
import type { Reply } from './worker.js';

/**
 * Answers jobs, several at a time, and hands each answer over in the order of
 * the jobs: what a reader sees does not depend on the number of workers.
 * @throws InputError as the first refused job does
 */
export async function runCampaign(
  jobs: readonly Job[],
  workers: number,
  onAnswer: (answer: Answer) => void,
): Promise<void> {
  const pool = new Pool(canUseThreads ? Math.min(workers, jobs.length) : 0);
  const limit = pLimit(Math.max(1, pool.size));
  const answers = jobs.map((job) => limit(() => pool.answer(job)));
  // A job that fails is met when its turn comes, not before.
  for (const each of answers) each.catch(() => {});
  try {
    for (const each of answers) onAnswer(await each);
  } finally {
    limit.clearQueue();
    await pool.close();
  }
}

/** Node 20 cannot load TypeScript in a thread: run from sources, there is one. */
export const canUseThreads = import.meta.url.endsWith('.js');

/**
 * Worker threads, each answering one job at a time: this one stays free to hear
 * of signals. With size 0, this thread does all.
 */
class Pool {
  private readonly idle: Worker[] = [];
  private readonly all: Worker[] = [];

  constructor(readonly size: number) {}

  async answer(job: Job): Promise<Answer> {
    if (this.size === 0) return answer(job);
    const worker = this.idle.pop() ?? this.start();
    worker.postMessage(job);
    const [reply] = (await once(worker, 'message')) as [Reply];
    this.idle.push(worker);
    if ('answer' in reply) return reply.answer;
    throw 'refused' in reply ? new InputError(reply.refused) : new EngineError(reply.failed);
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((worker) => worker.terminate()));
  }

  private start(): Worker {
    const worker = new Worker(new URL('./worker.js', import.meta.url));
    this.all.push(worker);
    return worker;
  }
}
