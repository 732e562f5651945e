import { describe, expect, it } from 'vitest';
import { gmemcheck } from './run.js';

const SECTIONS = ['protocols', 'tests', 'invariants', 'progress', 'races', 'flows'];

describe('gmemcheck list', () => {
  it('lists every section, or the one that is named', async () => {
    const { status, out } = await gmemcheck('list');
    expect(status).toBe(0);
    for (const section of SECTIONS) {
      expect(out).toContain(`\n${section}\n`);
      const one = await gmemcheck('list', section, '--json');
      expect(Object.keys(JSON.parse(one.out))).toEqual(['version', 'model', section]);
    }
    expect(out.split('\n').filter((line) => line.length > 75)).toEqual([]);
  });

  it('prints the model that tokens name', async () => {
    const { model } = JSON.parse((await gmemcheck('list', '--json')).out) as { model: string };
    expect(model).toMatch(/^[0-9a-f]{8}$/);
    expect((await gmemcheck('list', 'flows')).out).toContain(`model ${model}`);
  });
});

describe('gmemcheck show', () => {
  it('numbers the steps of an operation or a function', async () => {
    const { status, out } = await gmemcheck('show', 'fallocate', '--protocol', 'P3');
    expect(status).toBe(0);
    expect(out).toMatch(/^fallocate under P3/);
    expect(out).toMatch(/^ +1 /m);
    expect(out.split('\n').filter((line) => line.length > 75)).toEqual([]);
    const { out: json } = await gmemcheck('show', 'kvm_gmem_get_pfn', '--json');
    expect(JSON.parse(json)).toMatchObject({ flow: 'kvm_gmem_get_pfn', protocol: '6.12' });
  });
});
