import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { InputError } from '../core/errors.js';
import { readIfThere, replaceFile } from './files.js';

const MAGIC = 'gmemcheck checkpoint';

/** Grows when what is written here, or what it means, changes. */
export const VERSION = 1;

/**
 * Writes a record: one line with the format's version and the checksum of what
 * follows, which is JSON. Replaces the one that was there at once.
 * @throws InputError where it cannot be written
 */
export function writeRecord(path: string, value: unknown): void {
  const body = JSON.stringify(value);
  replaceFile(path, `${MAGIC} ${VERSION} ${sha256(body)}\n${body}\n`);
}

/**
 * Reads a record; undefined where there is none.
 * @throws InputError where it is no record of this version, or not as it was written
 */
export function readRecord<T>(path: string, schema: z.ZodType<T>): T | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const line = text.indexOf('\n');
  const [, version, sum] = /^gmemcheck checkpoint (\d+) ([0-9a-f]{64})$/.exec(
    text.slice(0, Math.max(line, 0)),
  ) ?? [undefined, undefined, undefined];
  if (version === undefined)
    throw new InputError(`${path} is no checkpoint: expected '${MAGIC} ${VERSION} ...'`);
  if (Number(version) !== VERSION)
    throw new InputError(`${path} has format ${version}; expected ${VERSION}`);
  const body = text.slice(line + 1, -1);
  if (sum !== sha256(body)) throw damaged(path, 'its checksum does not fit its contents');
  const parsed = schema.safeParse(JSON.parse(body));
  if (!parsed.success) throw damaged(path, parsed.error.issues[0]!.message);
  return parsed.data;
}

/** What is said of a file that is not as it was written; nobody writes over it. */
export function damaged(path: string, why: string): InputError {
  return new InputError(`${path} is damaged: ${why}; remove the checkpoint to begin anew`);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
