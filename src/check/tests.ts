import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { readTest, type LitmusTest } from '../../models/language/index.js';
import type { Own } from '../../models/variants/own.js';
import { InputError } from '../core/errors.js';
import { MAX_LITMUS_LENGTH } from '../litmus/parse.js';
import { nearest } from '../nearest.js';
import { packageRoot } from '../root.js';

const FOLDER = join(packageRoot, 'models', 'litmus');

/** The names of the tests that come with gmemcheck, in order; their files have the same. */
function committedNames(): readonly string[] {
  names ??= readdirSync(FOLDER)
    .filter((file) => file.endsWith('.litmus'))
    .map((file) => basename(file, '.litmus'))
    .toSorted();
  return names;
}
let names: readonly string[] | undefined;

/** The tests that come with gmemcheck, in the order of their names. */
export const committedTests = (): readonly LitmusTest[] =>
  committedNames().map((name) => committedTest(name)!);

/** One of them; the others are not read, which would take longer than most searches. */
export function committedTest(name: string): LitmusTest | undefined {
  let test = committed.get(name);
  if (!test && committedNames().includes(name)) {
    test = readTestFile(join(FOLDER, `${name}.litmus`));
    committed.set(name, test);
  }
  return test;
}
const committed = new Map<string, LitmusTest>();

/**
 * Tests by name or by file.
 * @param own what the protocol that they are for brings along
 * @throws InputError for what is neither
 */
export function findTests(names: readonly string[], own?: Own): readonly LitmusTest[] {
  return names.length === 0 ? committedTests() : [...new Set(names)].map((n) => findTest(n, own));
}

function findTest(name: string, own: Own | undefined): LitmusTest {
  const found = committedTest(name);
  if (found) return found;
  if (name.endsWith('.litmus') || name.includes('/') || existsSync(name))
    return readTestFile(name, own);
  throw new InputError(
    `no test '${name}'${nearest(name, committedNames())}; expected a file, or a name that ` +
      "'gmemcheck list tests' prints",
  );
}

/** Reads one litmus file. @throws InputError */
export function readTestFile(path: string, own?: Own): LitmusTest {
  const shown = relative(process.cwd(), path).startsWith('..')
    ? path
    : relative(process.cwd(), path);
  return readTest(readTextFile(path, MAX_LITMUS_LENGTH * 4), shown, own);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  ENAMETOOLONG: 'its name is too long',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};

/** A text file of at most `longest` bytes of UTF-8. @throws InputError */
export function readTextFile(path: string, longest: number): string {
  try {
    const stat = statSync(path);
    const { size } = stat;
    if (stat.isDirectory()) throw new InputError(`cannot read ${path}: it is a directory`);
    if (!stat.isFile()) throw new InputError(`cannot read ${path}: it is no ordinary file`);
    if (size > longest) throw new InputError(`${path}: ${size} bytes, at most ${longest} are read`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = (error as NodeJS.ErrnoException).code;
    throw new InputError(`cannot read ${path}: ${REASONS[reason ?? ''] ?? reason}`);
  }
}
