import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeToken, encodeToken } from '../../src/core/token.js';
import { gmemcheck, litmus, refused, tempFile } from './run.js';

async function tokenOf(...args: string[]): Promise<string> {
  const { out } = await gmemcheck('check', ...args, '--json');
  return (JSON.parse(out) as { token: string }[])[0]!.token;
}
const committed = () => tokenOf('close-vs-delete-slot', '--protocol', 'P1');

describe('gmemcheck replay', () => {
  it('shows what check showed', async () => {
    const token = await committed();
    const { out: checked } = await gmemcheck('check', 'close-vs-delete-slot', '--protocol', 'P1');
    const { status, out } = await gmemcheck('replay', token);
    expect(status).toBe(0);
    const diagram = out.split('\n').slice(2).join('\n').trim();
    expect(checked).toContain(diagram);
    expect(out.split('\n').filter((line) => line.length > 75)).toEqual([]);
  });

  it('--json is one document, step by step', async () => {
    const { out } = await gmemcheck('replay', await committed(), '--json');
    const run = JSON.parse(out) as { steps: number; run: unknown[]; property: string };
    expect(run.property).toBe('S10');
    expect(run.run).toHaveLength(run.steps);
  });

  it('a deadlock names who waits for which lock, and who has it, as check does', async () => {
    const args = ['check', 'p0-fallocate-maps', '--protocol', 'P0'];
    const [result] = JSON.parse((await gmemcheck(...args, '--json')).out) as [
      { token: string; deadlock: unknown },
    ];
    const { out } = await gmemcheck('replay', result.token, '--json');
    expect(JSON.parse(out)).toMatchObject({ property: 'deadlock', deadlock: result.deadlock });
    expect(result.deadlock).toEqual([
      {
        actor: 'vcpu0',
        within: 'kvm_arch_vcpu_ioctl_run',
        waitsFor: 'mutex_lock_killable(&vcpu->mutex)',
        wants: ['vcpu->mutex (vcpu0.mutex)'],
        heldBy: ['host'],
        holds: [],
      },
      {
        actor: 'host',
        within: 'kvm_tdp_mmu_page_fault',
        waitsFor: 'read_lock(&kvm->mmu_lock)',
        wants: ['kvm->mmu_lock (kvm.mmu_lock, shared)'],
        heldBy: ['host'],
        holds: [
          'inode->i_rwsem (inode0.i_rwsem)',
          'kvm->mmu_lock (kvm.mmu_lock)',
          'vcpu->mutex (vcpu0.mutex)',
          'folio reference (folio0, reference)',
        ],
      },
    ]);
    const paragraph = `  host, in kvm_tdp_mmu_page_fault()
    waits for: read_lock(&kvm->mmu_lock) /* held by itself */
    lock:      kvm->mmu_lock (kvm.mmu_lock, shared)
    holds:     inode->i_rwsem (inode0.i_rwsem)
               kvm->mmu_lock (kvm.mmu_lock)
`;
    expect((await gmemcheck(...args)).out).toContain(paragraph);
    expect((await gmemcheck('replay', result.token)).out).toContain(paragraph);
  });

  it('finds a token in a file', async () => {
    const token = await committed();
    const file = tempFile('mail.txt', `> as shown\n  ${token}\nthanks\n`);
    expect(await gmemcheck('replay', file)).toEqual(await gmemcheck('replay', token));
  });

  it('a token carries a test that is not committed', async () => {
    const token = await tokenOf(litmus('exists ~filemap[0]\nexpect 6.12: holds'));
    expect(await gmemcheck('replay', token)).toMatchObject({ status: 0, err: '' });
  });

  it('a token of another model is refused, naming the one that can', async () => {
    const token = decodeToken(await committed());
    const other = encodeToken({ ...token, model: '0123abcd' });
    await refused(['replay', other], /made with model 0123abcd.*prints model 0123abcd/);
  });

  it('a token that does not fit its test is refused', async () => {
    const token = decodeToken(await committed());
    const schedule = [...token.schedule, ...token.schedule];
    await refused(['replay', encodeToken({ ...token, schedule })], /does not fit its test/);
    const nobody = [{ actor: 7, option: 0 }];
    await refused(['replay', encodeToken({ ...token, schedule: nobody })], /does not fit its test/);
  });

  it('a token with a subject of nonsense is refused', async () => {
    const token = decodeToken(await committed());
    for (const text of ['', 'P1', 'P1\nsw', 'P1\nsw\n=nope 1', 'P9\nsw\n=x 1', 'P1\nsw\n+zz'])
      await refused(['replay', encodeToken({ ...token, subject: Buffer.from(text) })], /./);
  });

  it('a truncated, garbled or oversized token is refused', async () => {
    const token = await committed();
    for (const cut of [6, 14, 20, token.length - 1])
      await refused(['replay', token.slice(0, cut)], /malformed token/);
    for (const at of [16, 24, token.length - 3]) {
      const letter = token[at] === 'A' ? 'B' : 'A';
      await refused(['replay', token.slice(0, at) + letter + token.slice(at + 1)], /malformed/);
    }
    await refused(['replay', token + 'A'.repeat(20_000)], /too long/);
    await refused(['replay', token.replace('gmc1', 'gmc9')], /format 9/);
    await refused(['replay', tempFile('empty', '')], /no token in it/);
  });

  it('a changed protocol file is refused before it is run', async () => {
    const file = tempFile(
      'own.ts',
      `import { protocol, protocolById } from 'gmemcheck';
export default protocol(protocolById('P1'), { id: 'own', title: 'own', lacks: ['brk'] });
`,
    );
    const token = await tokenOf('close-vs-delete-slot', '--protocol', file);
    expect(await gmemcheck('replay', token)).toMatchObject({ status: 0 });
    writeFileSync(file, 'globalThis.gmemcheckWasHere = true; export default 1;');
    await refused(['replay', token], /has changed since this token was made/);
    expect('gmemcheckWasHere' in globalThis).toBe(false);
  });
});
