import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../core/errors.js';

/** Files by name, which may have folders in it, with what they hold. */
export type Folder = ReadonlyMap<string, string>;

/** What the index of a folder of reports begins with. */
const OURS = 'gmemcheck ';

/**
 * Writes files into a folder, each whole or not at all. Files of an earlier run
 * that are no longer among them go, but only where the folder's index says that
 * it holds reports: nobody else's files are touched.
 * @throws InputError when the folder cannot be written
 */
export function writeFolder(path: string, files: Folder): void {
  try {
    if (!isFolder(path)) mkdirSync(path);
    const stale = read(join(path, 'index.txt'))?.startsWith(OURS) ? differences(path, files) : [];
    for (const [name, text] of files) {
      const folder = join(path, dirname(name));
      const fresh = join(folder, `.${basename(name)}.new`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(fresh, text);
      renameSync(fresh, join(path, name));
    }
    for (const name of stale)
      if (!files.has(name) && /\.(txt|json)$/.test(name)) rmSync(join(path, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it is not a folder' : code;
    throw new InputError(`cannot write ${path}: ${why}`);
  }
}

/** Names of the files that differ from what the folder holds, either way. */
export function differences(path: string, files: Folder): string[] {
  const there = isFolder(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : [];
  const names = new Set([...there, ...files.keys()]);
  return [...names].toSorted().filter((name) => read(join(path, name)) !== files.get(name));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function read(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile()
    ? readFileSync(path, 'utf8')
    : undefined;
}
