import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { createJiti } from 'jiti';
import { describe, expect, it } from 'vitest';
import { compareSequence } from '../../src/conform/compare.js';
import { parseRecording } from '../../src/conform/read.js';
import * as gmemcheck from '../../src/index.js';
import { packageRoot } from '../../src/root.js';
import { tempFile } from '../cli/run.js';

/** Runs an example of docs/fast-check.md as it stands, and gives what it has defined. */
async function run(name: string, ...defined: string[]): Promise<Record<string, unknown>> {
  const page = readFileSync(join(packageRoot, 'docs', 'fast-check.md'), 'utf8');
  const code = new RegExp(`<!-- example: ${name} -->\\s+\`\`\`ts\n([^]*?)\`\`\``).exec(page)![1]!;
  const file = tempFile(`${name}.ts`, `${code}\nexport { ${defined.join(', ')} };\n`);
  const virtualModules = { gmemcheck, 'fast-check': { ...fc, default: fc } };
  const jiti = createJiti(import.meta.url, { virtualModules, moduleCache: false, fsCache: false });
  return jiti.import(file);
}

describe('docs/fast-check.md', () => {
  it('a property of scenarios and plans', async () => {
    expect(await run('property', 'protocol')).toMatchObject({ protocol: { id: '6.12' } });
  });

  it('what is drawn', async () => {
    const { lines, first } = await run('statistics', 'lines', 'first');
    expect((lines as string[]).join(' ')).toContain('fallocate');
    expect(first).toHaveProperty('columns');
  });

  it('sequences that print as recordings', async () => {
    const { recording } = await run('recording', 'recording');
    const [sequence] = parseRecording(recording as string, 'recording');
    expect(compareSequence(sequence!, gmemcheck.protocolById('6.12')).difference).toBeNull();
  });

  it('from a failure to a litmus test', async () => {
    const { text, preemptions } = await run('shrink', 'text', 'preemptions');
    expect(text).toMatch(/run: read 0 +\|/);
    expect(text).toMatch(/expect P0: violated S1 in \d+ steps, 1 preemption/);
    expect(preemptions).toBe(1);
  });
});
