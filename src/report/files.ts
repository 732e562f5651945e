import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../core/errors.js';

/** Files by name, with what they hold. */
export type Folder = ReadonlyMap<string, string>;

/**
 * Replaces a folder by these files, all or nothing: they are written beside it
 * first, so that whatever goes wrong leaves the old ones whole.
 * @throws InputError when the folder cannot be written, or the one it is in is missing
 */
export function writeFolder(path: string, files: Folder): void {
  const target = resolve(path);
  try {
    const fresh = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
    for (const [name, text] of files) writeFileSync(join(fresh, name), text);
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** Names of the files that differ from what the folder holds, either way. */
export function differences(path: string, files: Folder): string[] {
  const there = existsSync(path) ? readdirSync(path) : [];
  const names = new Set([...there, ...files.keys()]);
  return [...names].toSorted().filter((name) => {
    const file = join(path, name);
    return !existsSync(file) || readFileSync(file, 'utf8') !== files.get(name);
  });
}
