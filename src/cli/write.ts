import { writeFileSync } from 'node:fs';
import { InputError } from '../core/errors.js';

/** Writes a file that is not there yet. @throws InputError */
export function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'there is one already' : code;
    throw new InputError(`cannot write ${file}: ${why}`);
  }
}
