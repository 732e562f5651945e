import { resolve } from 'node:path';
import { createJiti } from 'jiti';
import type { Protocol } from '../../models/protocol.js';
import { protocols, upstream } from '../../models/protocols/index.js';
import { InputError } from '../core/errors.js';
import { nearest } from '../nearest.js';
import { blameChanges, blameFile, loadingError, LONGEST } from './blame.js';
import { textHash } from './fingerprint.js';
import { mutantNamed } from './mutations/tried.js';
import type { Named } from './named.js';
import { readTextFile } from './tests.js';
import { refuseUnyielded } from './unyielded.js';

/** Seconds that one may take to load. */
const PATIENCE = 20;

/**
 * A protocol by id or as `upstream`, a mutation of one (`6.12~no-stale-check`), or one from a TypeScript file that exports one as default.
 * Such a file is code and runs with the user's own rights.
 * @param expected its hash, where a token names the file: another one is not run
 * @throws InputError
 */
export async function findProtocol(name: string, expected?: string): Promise<Named> {
  if (name === 'upstream') return { protocol: upstream, reference: upstream.id };
  if (/\.[cm]?[jt]s$/.test(name)) return loadProtocol(name, expected);
  return versionNamed(name);
}

/** A version, or a mutation of one: whoever reads a name out of data runs no file. @throws InputError */
export function versionNamed(name: string): Named {
  const known = protocols.find((p) => p.id === name);
  if (known) return { protocol: known, reference: name };
  const mutant = name.includes('~') ? mutantNamed(name) : undefined;
  if (mutant) return { protocol: mutant, reference: name };
  if (name === 'all')
    throw new InputError(
      "no protocol 'all': that is what gmemcheck litmus takes; expected one, or none for those that the tests name",
    );
  const ids = protocols.map((p) => p.id);
  throw new InputError(
    `no protocol '${name}'${nearest(name, ids)}; expected one of ${ids.join(', ')}, or a .ts file`,
  );
}

async function loadProtocol(path: string, expected?: string): Promise<Named> {
  const text = readTextFile(path, LONGEST);
  const hash = textHash(text);
  if (expected !== undefined && expected !== hash)
    throw new InputError(`${path} has changed since this token was made: it cannot be replayed`);
  // A token is data, which may name any file there is.
  if (expected !== undefined && !/\bfrom\s*['"]gmemcheck['"]/.test(text))
    throw new InputError(`${path}: this token names a file that is no variant: it is not run`);
  let found: unknown;
  try {
    // The modules that run, not others of the same name: a class is the same class.
    const virtualModules = { gmemcheck: await import('../index.js') };
    const jiti = createJiti(import.meta.url, { virtualModules, moduleCache: false });
    blameFile(path);
    found = await inTime(jiti.import(resolve(path), { default: true }));
  } catch (error) {
    throw loadingError(error, path);
  }
  if (!isProtocol(found))
    throw new InputError(`${path}: expected a protocol as its default export, made by variant()`);
  refuseUnyielded(text, path, found);
  blameChanges(path, found);
  return { protocol: found, reference: `${path}#${hash}` };
}

/** A file that waits for what never comes would end this program without a word. */
async function inTime<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const why = `it has not been loaded after ${PATIENCE} seconds: does it await something?`;
    timer = setTimeout(() => reject(new InputError(why)), PATIENCE * 1000);
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isProtocol(value: unknown): value is Protocol {
  const p = value as Partial<Protocol> | undefined;
  return typeof p?.id === 'string' && typeof p.functions === 'object' && Array.isArray(p.kinds);
}
