import { answer } from './answer.js';
import type { Answer, Job } from './job.js';
import { conclude, drawSlice, type Drawing, type Slice } from './sampled.js';
import type { OnStatus } from './status.js';

/** What a thread can be asked for: plain data. */
export type Task =
  | { readonly answer: Job }
  | { readonly draw: Slice }
  | { readonly conclude: Job; readonly drawings: readonly Drawing[] };

/** @throws InputError if the protocol cannot run the test */
export async function perform(task: Task, onStatus: OnStatus): Promise<Answer | Drawing> {
  if ('answer' in task) return answer(task.answer, onStatus);
  if ('draw' in task) return drawSlice(task.draw, onStatus);
  return conclude(task.conclude, task.drawings);
}
