import type { Answer, Job } from '../campaign/answer.js';
import { SAVE_EVERY } from '../check/defaults.js';
import { unsavedBy, whyUnsaved } from '../check/unsaved.js';
import type { CheckpointFolder } from '../checkpoint/folder.js';
import type { CheckArguments } from './check-arguments.js';
import { goingOnLines } from './going-on.js';
import { Interruption } from './interrupt.js';
import type { Out } from './options.js';
import { checkpointNote, openCheckpoint, type References } from './resume.js';
import { say } from './say.js';

/** A run that may be interrupted, and gone on with by another one. */
export class Session {
  /** The jobs, with what they need for that. */
  readonly jobs: readonly Job[];
  private readonly interruption: Interruption;
  private readonly checkpoint: CheckpointFolder | undefined;
  private answered = 0;
  /** Why searches that were stopped are not saved. */
  private readonly later = new Set<string>();

  /** @throws InputError where the checkpoint cannot be had, is another question's, or is of no use */
  constructor(
    jobs: readonly Job[],
    references: References,
    private readonly args: CheckArguments,
    private readonly typed: readonly string[],
    private readonly err: Out,
  ) {
    const note = checkpointNote(args, jobs.length);
    const checkpoint = openCheckpoint(args, jobs, references);
    if (note !== undefined) say(err, `gmemcheck: ${note}`);
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

  saw({ isFinished, result }: Answer): void {
    if (isFinished) this.answered++;
    if (result?.unsaved !== undefined) this.later.add(result.unsaved);
  }

  /**
   * To be called when all is said: says how to go on, where something is open.
   * @returns the exit status where a signal ended the run
   */
  end(): number | undefined {
    const { checkpoint, answered, jobs, args, typed, later } = this;
    if (answered === jobs.length) {
      checkpoint?.remove();
      return undefined;
    }
    const { status } = this.interruption;
    const isInterrupted = status !== undefined;
    const isKept = checkpoint !== undefined;
    const search = unsavedBy(args);
    const never = search && whyUnsaved(search);
    const ended = { answered, tests: jobs.length, isInterrupted, typed, isKept, never, later };
    if (isKept || isInterrupted) this.err(`${goingOnLines(ended).join('\n')}\n`);
    return status;
  }

  close(): void {
    this.interruption.close();
    this.checkpoint?.close();
  }
}
