import { endianness } from 'node:os';
import type { Job } from '../campaign/answer.js';
import { engineFingerprint, modelFingerprint, textHash } from '../check/fingerprint.js';
import { CheckpointFolder, type Question } from '../checkpoint/folder.js';
import { whyUnsaved, unsavedBy } from '../check/unsaved.js';
import { InputError } from '../core/errors.js';
import { packageVersion } from '../root.js';
import type { CheckArguments } from './check-arguments.js';
import { flag } from './options.js';

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

/**
 * What there is to be said of a checkpoint of searches that are not saved.
 * @throws InputError where there would be nothing in it
 */
export function checkpointNote(args: CheckArguments, tests: number): string | undefined {
  const search = args.checkpoint === undefined ? undefined : unsavedBy(args);
  if (!search) return undefined;
  if (tests > 1) return `--checkpoint keeps the tests that are answered; ${whyUnsaved(search)}`;
  throw new InputError(
    `--checkpoint would keep nothing: ${whyUnsaved(search)}; ` +
      'expected --strategy exhaustive without --reduce, or several tests',
  );
}

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
