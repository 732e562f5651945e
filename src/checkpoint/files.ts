import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../core/errors.js';

/**
 * Replaces a file at once: whoever looks, were it after a power failure, sees
 * all of the old one or all of the new one.
 * @throws InputError where it cannot be written
 */
export function replaceFile(path: string, content: string): void {
  attempt('write', path, () => {
    const temporary = `${path}.tmp`;
    const file = openSync(temporary, 'w');
    try {
      writeAll(file, Buffer.from(content), 0);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  });
}

/** Makes what was created, renamed and removed in a folder last. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** @param position offset in the file, bytes */
export function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
}

/** Most bytes of what is read at once; states are not. */
const LONGEST = 64 * 1024 * 1024;

function ordinary(path: string): { isFile: boolean; size: number } {
  const stat = statSync(path);
  return { isFile: stat.isFile() || stat.isDirectory(), size: stat.size };
}

/** A file's text, or undefined where there is none. @throws InputError */
export function readIfThere(path: string): string | undefined {
  return attempt('read', path, () => {
    try {
      const { isFile, size } = ordinary(path);
      // Nobody writes into a pipe that a folder has been given in place of a file.
      if (!isFile) throw new InputError(`cannot read ${path}: it is no ordinary file`);
      if (size > LONGEST)
        throw new InputError(`${path}: ${size} bytes, at most ${LONGEST} are read`);
      return readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ELOOP: 'its links go round in a circle',
  ESPIPE: 'it is no ordinary file',
  EDQUOT: 'the quota is used up',
  EISDIR: 'it is a directory',
  ENOENT: 'there is no such folder',
  ENOSPC: 'no space is left',
  ENOTDIR: 'it is not a folder, or not in one',
  EROFS: 'the file system is read-only',
};

/** Says what went wrong with which file. @throws InputError */
export function attempt<T>(verb: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InputError(`cannot ${verb} ${path}: ${REASONS[code] ?? code}`);
  }
}
