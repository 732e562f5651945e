import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { P8 } from '../../models/protocols/P8.js';
import { v6_12 } from '../../models/protocols/v6_12.js';
import { P9 } from '../../models/protocols/P9.js';
import { runConform } from '../../src/cli/conform.js';
import { readRecording } from '../../src/conform/read.js';
import { packageRoot } from '../../src/root.js';
import { differing } from './recordings.js';

const recorded = (name: string) =>
  join(packageRoot, 'properties', 'fixtures', 'kernel-7.3', `${name}.jsonl`);
const sequences = readRecording(recorded('plain'));

describe('recordings of 7.3.4', () => {
  it.each([
    ['plain', 5, 284],
    ['mmap', 7, 450],
    ['refused', 3, 149],
  ])('%s: are what the model of 7.3 gives', async (name, all, operations) => {
    let text = '';
    expect(await runConform([recorded(name)], { kernel: '7.3' }, (t) => (text += t))).toBe(0);
    expect(text).toBe(
      `${all} sequences: ${all} agree, 0 differ\n` +
        `${operations} operations compared with protocol P9\n`,
    );
  });

  it('with a mapping are not what the model of 6.12 gives: it has no such flags', () => {
    const differences = differing(v6_12, readRecording(recorded('mmap')));
    for (const { difference } of differences)
      expect(difference).toMatchObject({ op: 'create_gmem', expected: 0, got: -1 });
    expect(differences).toHaveLength(6);
  });

  it('are not what the model of 7.0 gives: it refuses an overlap as an invalid argument', () => {
    expect(differing(P9, sequences)).toEqual([]);
    const differences = differing(P8, sequences).map((c) => c.difference!);
    expect(differences).toHaveLength(sequences.length);
    expect(differences.every((d) => d.op === 'set_region' && d.field === 'errno')).toBe(true);
  });
});
