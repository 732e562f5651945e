import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { P8 } from '../../models/protocols/P8.js';
import { P9 } from '../../models/protocols/P9.js';
import { runConform } from '../../src/cli/conform.js';
import { readRecording } from '../../src/conform/read.js';
import { packageRoot } from '../../src/root.js';
import { differing } from './recordings.js';

const FIXTURE = join(packageRoot, 'properties', 'fixtures', 'kernel-7.3', 'plain.jsonl');
const sequences = readRecording(FIXTURE);

describe('recordings of 7.3.4', () => {
  it('are what the model of 7.3 gives', async () => {
    let text = '';
    expect(await runConform([FIXTURE], { kernel: '7.3' }, (t) => (text += t))).toBe(0);
    expect(text).toContain('compared with protocol P9');
  });

  it('are not what the model of 7.0 gives: it refuses an overlap as an invalid argument', () => {
    expect(differing(P9, sequences)).toEqual([]);
    const differences = differing(P8, sequences).map((c) => c.difference!);
    expect(differences).toHaveLength(sequences.length);
    expect(differences.every((d) => d.op === 'set_region' && d.field === 'errno')).toBe(true);
  });
});
