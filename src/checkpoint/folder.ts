import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../core/errors.js';
import { attempt, syncFolder } from './files.js';
import { claim, isOwnerFile } from './owner.js';
import { isJobFile, type Place } from './place.js';
import { readRecord, writeRecord } from './record.js';

/** All that an answer depends on, by name: a checkpoint is of use for the same only. */
export type Question = Readonly<Record<string, string>>;

const NAME = 'checkpoint';

const record = z.object({ question: z.record(z.string(), z.string()) });

/**
 * A checkpoint: a folder with the question, the answers that are finished, and
 * of each search that is not what it takes to go on. Everything that counts is
 * on a record that is replaced at once, so the folder is good at every moment.
 */
export class CheckpointFolder {
  private constructor(
    private readonly path: string,
    private readonly question: string,
    private readonly giveUp: () => void,
  ) {}

  /**
   * Begins a checkpoint, or goes on with the one that is there.
   * @throws InputError where the folder has something else in it, or what
   * belongs to another question, or another process uses it
   */
  static open(path: string, question: Question): CheckpointFolder {
    if (!existsSync(path)) attempt('write', path, () => mkdirSync(path));
    const names = attempt('read', path, () => readdirSync(path));
    const found = readRecord(join(path, NAME), record);
    if (!found && names.some((name) => !isOwn(name)))
      throw new InputError(`${path} is no checkpoint: expected a new or an empty folder`);
    if (found) refuseOther(path, found.question, question);
    const giveUp = claim(path);
    if (!found) writeRecord(join(path, NAME), { question });
    return new CheckpointFolder(path, fingerprintOf(question), giveUp);
  }

  /** Where a job keeps what it has. */
  place(job: number, every: number): Place {
    return { folder: this.path, job, question: this.question, every };
  }

  /** Leaves it for another run. */
  close(): void {
    this.giveUp();
  }

  /** Removes it: everything is answered. What is not its own stays. */
  remove(): void {
    for (const name of readdirSync(this.path))
      if (isJobFile(name)) rmSync(join(this.path, name), { force: true });
    // The record goes last: without it, the rest would be no checkpoint.
    rmSync(join(this.path, NAME), { force: true });
    this.giveUp();
    if (readdirSync(this.path).length === 0) rmdirSync(this.path);
    else syncFolder(this.path);
  }
}

const isOwn = (name: string): boolean => isOwnerFile(name) || name === `${NAME}.tmp`;

function refuseOther(path: string, before: Question, now: Question): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)]))
    if (before[key] !== now[key])
      throw new InputError(
        `${path} is the checkpoint of another question: ${key} was ${before[key] ?? 'not given'}, ` +
          `now it is ${now[key] ?? 'not given'}`,
      );
}

function fingerprintOf(question: Question): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('hex');
}
