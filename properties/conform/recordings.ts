import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Protocol } from '../../models/protocol.js';
import { compareSequence, type Compared } from '../../src/conform/compare.js';
import { readRecording, type Sequence } from '../../src/conform/read.js';
import { packageRoot } from '../../src/root.js';

/** The committed recordings of a kernel. */
export function fixturesOf(kernel: '6.12' | '7.3'): readonly string[] {
  const folder = join(packageRoot, 'properties', 'fixtures', `kernel-${kernel}`);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name));
}

export const sequencesOf = (kernel: '6.12' | '7.3'): readonly Sequence[] =>
  fixturesOf(kernel).flatMap(readRecording);

export const fixtures = fixturesOf('6.12');

/** Every sequence that was recorded from 6.12. */
export const sequences = sequencesOf('6.12');

/** Those of some sequences that a protocol does not give, each up to where they part. */
export const differing = (protocol: Protocol, among: readonly Sequence[]): Compared[] =>
  among.map((s) => compareSequence(s, protocol)).filter((c) => c.difference !== null);
