import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { attempt, readIfThere } from './files.js';

const NAME = 'in-use';

/**
 * Makes a folder this process's own for as long as it lives.
 * @returns gives it up again
 * @throws InputError where another process has it
 */
export function claim(folder: string): () => void {
  const path = join(folder, NAME);
  const owner = readIfThere(path);
  if (owner !== undefined && isAlive(owner))
    throw new InputError(`${folder} is in use by process ${owner.split(' ')[0]}`);
  rmSync(path, { force: true });
  attempt('write', path, () => writeFileSync(path, identity(process.pid), { flag: 'wx' }));
  return () => rmSync(path, { force: true });
}

/** Is this name the one of the file that says whose a folder is? */
export function isOwnerFile(name: string): boolean {
  return name === NAME;
}

function isAlive(owner: string): boolean {
  const pid = Number(owner.split(' ')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return identity(pid) === owner;
}

/** A process by its number and, since numbers are used again, when it began. */
function identity(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the name in field 2 may have anything in it.
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return String(pid);
  }
}
