import type { Answer, Job } from '../campaign/answer.js';
import type { CheckpointFolder } from '../checkpoint/folder.js';
import type { CheckArguments } from './check.js';
import { Interruption } from './interrupt.js';
import type { Out } from './options.js';
import { goOnCommand, openCheckpoint, SAVE_EVERY, type References } from './resume.js';

/** A run that may be interrupted, and gone on with by another one. */
export class Session {
  /** The jobs, with what they need for that. */
  readonly jobs: readonly Job[];
  private readonly interruption: Interruption;
  private readonly checkpoint: CheckpointFolder | undefined;
  private finished = 0;

  /** @throws InputError where the checkpoint cannot be had, or is another question's */
  constructor(
    jobs: readonly Job[],
    references: References,
    private readonly args: CheckArguments,
    private readonly typed: readonly string[],
    private readonly err: Out,
  ) {
    const checkpoint = openCheckpoint(args, jobs, references);
    const every = args.checkpointEvery ?? SAVE_EVERY;
    this.checkpoint = checkpoint;
    this.interruption = new Interruption(err);
    const interrupt = this.interruption.flag;
    this.jobs = jobs.map((job, i) => ({
      ...job,
      interrupt,
      ...(checkpoint && { checkpoint: checkpoint.place(i, every) }),
    }));
  }

  get isInterrupted(): boolean {
    return this.interruption.status !== undefined;
  }

  saw(answer: Answer): void {
    if (answer.isFinished) this.finished++;
  }

  /**
   * To be called when all is said: says how to go on, where something is open.
   * @returns the exit status where a signal ended the run
   */
  end(): number | undefined {
    const { checkpoint, finished, jobs, args } = this;
    if (finished === jobs.length) {
      checkpoint?.remove();
      return undefined;
    }
    const { status } = this.interruption;
    const command = goOnCommand(this.typed, args.checkpoint);
    const why = status === undefined ? '' : 'interrupted; ';
    if (checkpoint)
      this.say(`${why}${finished} of ${this.tests} answered; to go on:\n  ${command}`);
    else if (status !== undefined)
      this.say(
        `${why}${finished} of ${this.tests} answered, nothing is saved. This can be gone on with:\n  ${command}`,
      );
    return status;
  }

  close(): void {
    this.interruption.close();
    this.checkpoint?.close();
  }

  private get tests(): string {
    return `${this.jobs.length} ${this.jobs.length === 1 ? 'test' : 'tests'}`;
  }

  private say(text: string): void {
    this.err(`gmemcheck: ${text}\n`);
  }
}
