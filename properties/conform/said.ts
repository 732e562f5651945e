import { expect } from 'vitest';
import { v6_12 } from '../../models/protocols/v6_12.js';
import { compareSequence } from '../../src/conform/compare.js';
import { parseRecording } from '../../src/conform/read.js';
import { InputError } from '../../src/core/errors.js';

export const VM = { seq: 7, i: -1, op: 'vm', vm_type: 1, page: 4096, N: 8 };
export const ST = { g: [null, null], pages_4k: 0 };
export const OK = { ret: 0, errno: null, st: ST };
export const CREATE = { seq: 7, i: 0, op: 'create_gmem', g: 0, size: 32768, flags: 0, ...OK };

export const lines = (...all: unknown[]): string =>
  all.map((l) => (typeof l === 'string' ? l : JSON.stringify(l))).join('\n');

/** What is said of a recording: parsed, then compared. */
export function said(text: string): string {
  try {
    const found = parseRecording(text, 'r').map((s) => compareSequence(s, v6_12).difference);
    return JSON.stringify(found);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
}
