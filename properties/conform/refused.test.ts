import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runConform } from '../../src/cli/conform.js';
import { InputError } from '../../src/core/errors.js';
import { fixtures } from './recordings.js';
import { CREATE, lines, OK, VM } from './said.js';

describe('the command refuses what it cannot compare', () => {
  const run = (files: string[], args: object) => runConform(files, args, () => {});
  const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-'));

  it.each<[string, object, RegExp]>([
    [
      'a kernel without a protocol',
      { kernel: '6.18' },
      /^the model has no protocol for kernel 6\.18 yet: expected 6\.12, 7\.3, or --protocol$/,
    ],
    [
      'a kernel that is none',
      { kernel: 'constructor' },
      /^the model has no protocol for kernel constructor yet/,
    ],
    ['an unknown protocol', { protocol: '6.21' }, /^no protocol '6\.21'; did you mean '6\.12'\?/],
    ['both', { kernel: '6.12', protocol: '6.12' }, /^give either --kernel or --protocol/],
  ])('%s', async (_, args, message) => {
    await expect(run([...fixtures], args)).rejects.toThrow(InputError);
    await expect(run([...fixtures], args)).rejects.toThrow(message);
  });

  it('a file that is not there, and one that is not text', async () => {
    await expect(run([join(folder, 'none')], {})).rejects.toThrow(/there is no such file$/);
    const binary = join(folder, 'binary');
    writeFileSync(binary, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00]));
    await expect(run([binary], {})).rejects.toThrow(/it is not UTF-8 text$/);
  });

  it('says where a sequence differs, and gives status 1', async () => {
    const file = join(folder, 'differs');
    writeFileSync(file, lines(VM, CREATE));
    let text = '';
    expect(await runConform([file], {}, (t) => (text += t))).toBe(1);
    expect(text).toBe(
      `${file}:2: sequence 7, operation 0, create_gmem\n    st.g[0]: recorded null, model open\n` +
        '1 sequence: 0 agree, 1 differs\n1 operation compared with protocol 6.12\n',
    );
  });

  it('leaves what the model has not got, and gives status 3', async () => {
    const file = join(folder, 'leaves');
    const region = { slot: 1, flags: 2, gpa: 0x200000, size: 4096, g: -1, goff: 0 };
    writeFileSync(file, lines(VM, { seq: 7, i: 0, op: 'set_region', ...region, ...OK }));
    let text = '';
    expect(await runConform([file], {}, (t) => (text += t))).toBe(3);
    expect(text).toContain(
      `${file}:2: sequence 7 is not compared further\n    slot 1 somewhere else than at gpa 0x100000\n`,
    );
  });
});
