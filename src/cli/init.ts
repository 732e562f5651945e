import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { packageRoot } from '../root.js';
import { OK, type Out } from './options.js';

/** What there is to begin with; both are run by the suite as they are. */
const TEMPLATES = {
  variant: { name: 'my-series.ts', next: (file: string) => `matrix upstream ${file}` },
  litmus: { name: 'my-question.litmus', next: (file: string) => `check ${file}` },
} as const;

/** `gmemcheck init variant|litmus [FILE]`; no file is overwritten. @throws InputError */
export function runInit(what: keyof typeof TEMPLATES, file: string | undefined, out: Out): number {
  const { name, next } = TEMPLATES[what];
  const path = file ?? name;
  const fits = what === 'variant' ? /\.[cm]?ts$/ : /\.litmus$/;
  if (!fits.test(path) || /[^\x20-\x7e]/.test(path))
    throw new InputError(
      `cannot write '${path}': expected a name that ends in ${what === 'variant' ? '.ts' : '.litmus'}`,
    );
  const text = readFileSync(join(packageRoot, 'docs', 'begin', name), 'utf8');
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${reasonOf(error)}`);
  }
  const shown = /^[./]/.test(path) ? path : `./${path}`;
  out(`Wrote ${path}. Change it, next:\n  npx gmemcheck ${next(shown)}\n`);
  return OK;
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return 'it is there already, and is left as it is';
  if (code === 'ENOENT') return 'there is no such folder';
  return `${code}`;
}
