import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { EngineError, InputError } from '../core/errors.js';
import type { OnStatus } from './status.js';
import { perform, type Task } from './task.js';
import type { Message } from './worker.js';

/** Node 20 cannot load TypeScript in a thread: run from sources, there is one. */
export const canUseThreads = import.meta.url.endsWith('.js');

/** Performs one task at a time. */
export interface Performer {
  /** @throws InputError as the task does */
  perform<T>(task: Task, onStatus: OnStatus): Promise<T>;
}

/**
 * Worker threads, started when they are needed: this one stays free to hear of
 * signals and of how far the others have come. With size 0, this thread does all.
 */
export class Pool {
  private readonly idle: Thread[] = [];
  private readonly all: Thread[] = [];
  private readonly limit;

  constructor(readonly size: number) {
    this.limit = pLimit(Math.max(1, size));
  }

  /** Waits for a thread, in the order of asking, and keeps it until `work` is done. */
  use<T>(work: (thread: Performer) => Promise<T>): Promise<T> {
    return this.limit(async () => {
      if (this.size === 0) return work(here);
      const thread = this.idle.pop() ?? this.start();
      try {
        return await work(thread);
      } finally {
        if (thread.isAlive) this.idle.push(thread);
      }
    });
  }

  async close(): Promise<void> {
    this.limit.clearQueue();
    await Promise.all(this.all.map((thread) => thread.close()));
  }

  private start(): Thread {
    const thread = new Thread();
    this.all.push(thread);
    return thread;
  }
}

const here: Performer = {
  perform: <T>(task: Task, on: OnStatus) => perform(task, on) as Promise<T>,
};

class Thread implements Performer {
  isAlive = true;
  private readonly worker = new Worker(new URL('./worker.js', import.meta.url));

  perform<T>(task: Task, onStatus: OnStatus): Promise<T> {
    const { worker } = this;
    return new Promise<T>((resolve, reject) => {
      const end = (settle: () => void): void => {
        worker.off('message', hear).off('error', fail).off('exit', gone);
        settle();
      };
      const hear = (message: Message): void => {
        if ('status' in message) onStatus(message.status);
        else if ('done' in message) end(() => resolve(message.done as T));
        else if ('refused' in message) end(() => reject(new InputError(message.refused)));
        else end(() => reject(new EngineError(message.failed)));
      };
      const fail = (error: Error): void => {
        this.isAlive = false;
        end(() => reject(error));
      };
      const gone = (): void =>
        fail(new EngineError('a thread has ended: is process.exit() called?'));
      worker.on('message', hear).on('error', fail).on('exit', gone);
      worker.postMessage(task);
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}
