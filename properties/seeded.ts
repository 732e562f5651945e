import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/root.js';

/** Test files that take their seeds from model/seed.ts, which GMEMCHECK_SEED moves. */
export const isSeeded = (file: string): boolean =>
  /\bimport \{[^}]*\b(SEED|seedOf)\b[^}]*\} from/.test(readFileSync(file, 'utf8'));

export function testFiles(): string[] {
  const folder = join(packageRoot, 'properties');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .toSorted();
}
