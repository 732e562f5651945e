import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTest, type LitmusTest } from '../../models/language/index.js';
import type { Own } from '../../models/variants/own.js';
import { InputError } from '../core/errors.js';
import { readTextFile } from '../check/tests.js';
import { textHash } from '../check/fingerprint.js';

/** A scenario that broke something once, as a litmus test that says what. */
export interface Example {
  readonly name: string;
  readonly property: string;
  readonly test: LitmusTest;
}

const LONGEST = 4 * 1024 * 1024;

/**
 * Examples that stay: one litmus file each, in a folder of the user's. They are
 * what `check` reads, so that each can be looked at, committed or thrown away.
 */
export class Examples {
  private readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, 'examples');
  }

  /** Those that a protocol has broken, in the order of their names. @throws InputError */
  of(protocol: string, own: Own): Example[] {
    return this.files().flatMap((file) => {
      const path = join(this.path, file);
      return examplesIn(readTextFile(path, LONGEST), path, protocol, own);
    });
  }

  /** Keeps what is not there yet. @returns its file, or undefined where it is there */
  keep(text: string): string | undefined {
    const file = `${nameIn(text)}-${textHash(text)}.litmus`;
    if (this.files().includes(file)) return undefined;
    const path = join(this.path, file);
    try {
      mkdirSync(this.path, { recursive: true });
      writeAtOnce(path, text);
    } catch (error) {
      throw new InputError(`cannot write ${path}: ${(error as NodeJS.ErrnoException).code}`);
    }
    return path;
  }

  private files(): string[] {
    try {
      return readdirSync(this.path)
        .filter((name) => name.endsWith('.litmus'))
        .toSorted();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new InputError(`cannot read ${this.path}: ${(error as NodeJS.ErrnoException).code}`);
    }
  }
}

/** Who reads the folder meanwhile finds whole files only, whoever else writes the same one. */
function writeAtOnce(path: string, text: string): void {
  const fresh = `${path}.${randomUUID()}.new`;
  try {
    writeFileSync(fresh, text);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

const nameIn = (text: string): string => /^gmem ([\w.+-]+)/.exec(text)?.[1] ?? 'example';

const COMMENTS = /^\s*(\(\*[^]*?\*\)\s*)*$/;

/** Litmus files, one behind the other. @throws InputError pointing into the text */
export function testsIn(text: string, file: string, own: Own): LitmusTest[] {
  let above = '';
  return text.split(/^(?=gmem )/m).flatMap((part) => {
    const lines = above.replace(/[^\n]/g, '');
    above += part;
    return COMMENTS.test(part) ? [] : [{ ...readTest(lines + part, file, own), text: part }];
  });
}

function examplesIn(text: string, file: string, protocol: string, own: Own): Example[] {
  return testsIn(text, file, own).flatMap((test) => {
    const broken = test.expectations.find((e) => e.protocols.some((p) => p.text === protocol));
    if (broken?.verdict !== 'violated' || !broken.property) return [];
    return [{ name: test.name, property: broken.property.text, test }];
  });
}
