import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Protocol } from '../../models/protocol.js';
import { compareSequence, type Compared } from '../../src/conform/compare.js';
import { readRecording, type Sequence } from '../../src/conform/read.js';
import { packageRoot } from '../../src/root.js';

const FOLDER = join(packageRoot, 'properties', 'fixtures', 'kernel-6.12');

export const fixtures: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => join(FOLDER, name));

/** Every sequence that was recorded from 6.12. */
export const sequences: readonly Sequence[] = fixtures.flatMap(readRecording);

/** Those of some sequences that a protocol does not give, each up to where they part. */
export const differing = (protocol: Protocol, among: readonly Sequence[]): Compared[] =>
  among.map((s) => compareSequence(s, protocol)).filter((c) => c.difference !== null);
