import { endianness } from 'node:os';
import type { Job } from '../campaign/answer.js';
import { engineFingerprint, modelFingerprint, textHash } from '../check/fingerprint.js';
import { CheckpointFolder, type Question } from '../checkpoint/folder.js';
import { packageVersion } from '../root.js';
import type { CheckArguments } from './check.js';

/** Seconds from one save to the next unless told otherwise. */
export const SAVE_EVERY = 30;

/** Arguments on which no answer depends: the next run may have others. */
const FREE = [
  'json',
  'workers',
  'progress',
  'maxTime',
  'maxMemory',
  'checkpoint',
  'checkpointEvery',
];

/** What a job's protocol stands for: with the hash of its text where that is a file. */
export type References = ReadonlyMap<string, { readonly reference: string }>;

/**
 * The checkpoint that was asked for; undefined where none was.
 * @throws InputError where it cannot be had, or is another question's
 */
export function openCheckpoint(
  args: CheckArguments,
  jobs: readonly Job[],
  references: References,
): CheckpointFolder | undefined {
  if (args.checkpoint === undefined) return undefined;
  const tests = jobs.map((job) =>
    [textHash(job.text), references.get(job.protocol)!.reference, job.maySkip].join(' '),
  );
  const question: Record<string, string> = {
    gmemcheck: packageVersion,
    model: modelFingerprint(),
    engine: engineFingerprint(),
    'order of bytes': endianness(),
    tests: `${tests.length} (${textHash(tests.join('\n'))})`,
  };
  for (const [name, value] of Object.entries(args))
    if (!FREE.includes(name) && value !== undefined) question[flag(name)] = JSON.stringify(value);
  return CheckpointFolder.open(args.checkpoint, question satisfies Question);
}

const flag = (name: string): string => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/** The command that goes on. @param typed the arguments of this one */
export function goOnCommand(typed: readonly string[], checkpoint: string | undefined): string {
  const more = checkpoint === undefined ? ['--checkpoint', 'FOLDER'] : [];
  return ['npx gmemcheck', ...[...typed, ...more].map(quoted)].join(' ');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
