import { parentPort } from 'node:worker_threads';
import { InputError } from '../core/errors.js';
import { answer, type Answer, type Job } from './answer.js';

/** What a worker sends back: an answer, or what was wrong with the job. */
export type Reply =
  { readonly answer: Answer } | { readonly refused: string } | { readonly failed: string };

parentPort?.on('message', (job: Job) => {
  reply(job).then((message) => parentPort!.postMessage(message));
});

async function reply(job: Job): Promise<Reply> {
  try {
    return { answer: await answer(job) };
  } catch (error) {
    const { message } = error as Error;
    return error instanceof InputError ? { refused: message } : { failed: message };
  }
}
