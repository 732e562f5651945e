import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../root.js';

/**
 * Fingerprint of the model and the engine that gives it meaning: what a token
 * rests on. Comments and white space do not count.
 */
export function modelFingerprint(): string {
  known ??= compute();
  return known;
}
let known: string | undefined;

function compute(): string {
  const hash = createHash('sha256');
  for (const folder of ['models', join('src', 'core')])
    for (const file of sourcesBelow(join(packageRoot, folder))) hash.update(essence(file));
  return hash.digest('hex').slice(0, 8);
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sourcesBelow(path);
      return entry.name.endsWith('.ts') ? [path] : [];
    });
}

/** The code without what does not run. */
function essence(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/\s+/g, '');
}

/** Eight hex digits of a text. */
export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
