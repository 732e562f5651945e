import { parentPort } from 'node:worker_threads';
import { ofUsersCode } from '../check/blame.js';
import { InputError } from '../core/errors.js';
import type { Status } from './status.js';
import { perform, type Task } from './task.js';

/** What a worker sends: how far it has come, and at last the answer, or what was wrong. */
export type Message =
  | { readonly status: Status }
  | { readonly done: unknown }
  | { readonly refused: string }
  | { readonly failed: string };

const send = (message: Message): void => parentPort?.postMessage(message);

parentPort?.on('message', (task: Task) => {
  perform(task, (status) => send({ status })).then(
    (done) => send({ done }),
    (thrown: Error) => {
      const error = ofUsersCode(thrown) as Error;
      send(error instanceof InputError ? { refused: error.message } : { failed: error.message });
    },
  );
});
