import { writeFileSync } from 'node:fs';
import { refuseMisspelled } from '../check/misspelled.js';
import { readTextFile } from '../check/tests.js';
import { formatLitmus } from '../litmus/format/format.js';
import { MAX_LITMUS_LENGTH, parseLitmus } from '../litmus/parse.js';
import { OK, UNEXPECTED, type Out } from './options.js';

/**
 * `gmemcheck fmt FILE...`: all are read before any is written.
 * @returns the exit status
 * @throws InputError
 */
export function runFmt(
  files: readonly string[],
  args: { readonly check?: boolean },
  out: Out,
): number {
  const changed = files.flatMap((file) => {
    const text = readTextFile(file, MAX_LITMUS_LENGTH * 4);
    const formatted = formatLitmus(text, file);
    refuseMisspelled({ ...parseLitmus(text, file), file });
    return formatted === text ? [] : [{ file, formatted }];
  });
  for (const { file, formatted } of changed) {
    if (!args.check) writeFileSync(file, formatted);
    out(`${file}\n`);
  }
  return args.check && changed.length > 0 ? UNEXPECTED : OK;
}
