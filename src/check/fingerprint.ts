import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../root.js';

/** What is asked of the model is no part of it. */
const BESIDE = ['claims', 'races'].map((name) => join(packageRoot, 'models', name));

/**
 * Fingerprint of the model and the engine that gives it meaning: what a token
 * rests on. Comments and white space do not count.
 */
export function modelFingerprint(): string {
  known ??= compute(['models', join('src', 'core')]);
  return known;
}
let known: string | undefined;

/** Fingerprint of what searches: what an unfinished search rests on as well. */
export function engineFingerprint(): string {
  return compute([join('src', 'explore'), join('src', 'check'), join('src', 'checkpoint')]);
}

function compute(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders)
    for (const file of sourcesBelow(join(packageRoot, folder))) hash.update(essence(file));
  return hash.digest('hex').slice(0, 8);
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (BESIDE.includes(path)) return [];
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
