import { describe, expect, it } from 'vitest';
import { gmemcheck, litmus, refused, tempFile } from './run.js';

const SNP = 'memory=snp; attr[0]=private;';

describe('a condition that nothing can satisfy is refused, with the place', () => {
  it.each<[string, RegExp]>([
    ['rmp[0]=IO', /:6:16: rmp\[0\] is never 'IO'; expected 0, 1, shared or assigned/],
    ['attr[0]=7', /:6:17: attr\[0\] is never '7'; expected 0, 1, shared or private/],
    ['attr[0]=privat', /:6:17: .*did you mean 'private'/],
    ['spte[0] > 4', /:6:19: spte\[0\] is never '4'; expected 0 to 3, host or gmem/],
    ['content[0]=9', /:6:20: content\[0\] is never '9'; expected 0, 1 or stale/],
    ['slots_lock[0]=read', /never 'read'; expected 0, 2 or write/],
    ['host:r0=7', /:6:17: host:r0 is never '7'; expected 0, an error such as -EAGAIN or PENDING/],
    ['host:r0=-200', /:6:17: host:r0 is never '-200'/],
    ['host:r0=-EAGAN', /did you mean '-EAGAIN'/],
    ['vcpu0:exit0=MEMORY_FALT', /did you mean 'MEMORY_FAULT'/],
    ['sept[0]=free', /:6:9: this test has no sept\[i\]: expected memory=tdx in its initial state/],
    ['tlb[0]=gmem', /this test has no tlb\[i\]: expected tlb=explicit/],
    ['filemap[1]', /:6:9: expected filemap\[0\]$/m],
    ['', /:6:9: expected a letter/],
    ['filemap[0] /\\', /:6:22: expected a letter/],
  ])('%s', (condition, message) =>
    refused(['litmus', litmus(`exists (${condition})`, SNP)], message),
  );

  it('where the text ends too early it is behind the last word', () =>
    refused(['litmus', litmus('exists (filemap[0]\n\n', SNP)], /:6:19: expected "\)"/));

  it('what has not come back yet is neither less than 0 nor an error', async () => {
    const { out } = await gmemcheck('litmus', litmus('never (host:r0<0)', SNP), '--json');
    expect(JSON.parse(out)[0]).toMatchObject({ ok: true, observation: 'Never' });
    const pending = litmus('always (host:r0=PENDING \\/ host:r0>=0)', SNP);
    expect(JSON.parse((await gmemcheck('litmus', pending, '--json')).out)[0].ok).toBe(true);
  });
});

describe('the version that is asked', () => {
  it('is the newest release where the test names none, and litmus says so', async () => {
    const text = `gmem punch-vs-fault
"A fault that began before the punch adds a folio after the truncation"
{ memory=snp; pages=1; attr[0]=private; }
 vcpu0          | host                        ;
 run: write 0 1 | fallocate(PUNCH_HOLE, 0, 1) ;
exists (host:r0=0 /\\ filemap[0] /\\ rmp[0]=assigned)
`;
    const { status, out } = await gmemcheck('litmus', tempFile('issue.litmus', text));
    expect(status).toBe(0);
    expect(out).toContain(
      '\nProtocol P9, memory snp (the newest release, as the test names none)\n',
    );
    expect(out).toMatch(/^1 \*> host:r0=0; filemap\[0\]=1; rmp\[0\]=assigned;$/m);
    expect(out).toContain('\nObservation punch-vs-fault Sometimes 1 1\n');
  });

  it.each<[string, RegExp]>([
    ['P33', /:6:11: no protocol 'P33'; did you mean 'P3'\?/],
    ['p9', /did you mean 'P9'\?/],
    ['6.13', /did you mean '6\.12'\?/],
    ['upstream', /'upstream' moves on: expected the version that is meant, P9 today/],
    ['6.12~no-stale', /no mutation 'no-stale'/],
  ])('an expectation of %s is noticed, whoever reads it', async (name, message) => {
    const file = litmus(`expect P9 ${name}: holds`);
    for (const command of ['litmus', 'check'])
      await refused([command, file, '--protocol', 'P9'], message);
    await refused(['fmt', '--check', file], message);
  });

  it("an expectation of a variant's own name waits for it", async () => {
    const file = litmus('expect my-series: violated S3');
    expect((await gmemcheck('litmus', file, '--protocol', 'P9', '--brief')).status).toBe(0);
    expect((await gmemcheck('fmt', '--check', file)).status).toBe(0);
  });
});
