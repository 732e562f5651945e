import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/root.js';
import { gmemcheck, litmus, refused, tempFile } from './run.js';

const SNP = 'memory=snp; attr[0]=private;';

describe('gmemcheck litmus', () => {
  it("answers in herd7's words", async () => {
    const file = litmus('exists (vcpu0:r0=0 /\\ filemap[0]=0)', SNP);
    const { status, out, err } = await gmemcheck('litmus', file, '--protocol', '6.12', '--brief');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.replace(/Hash=\w{32}/, 'Hash=').split('To replay')[0]).toBe(`Test question Allowed
Protocol 6.12, memory snp
States 2
1 *> vcpu0:r0=0; filemap[0]=0;
1 :> vcpu0:r0=0; filemap[0]=1;
Ok
Witnesses
Positive: 1 Negative: 1
Condition exists (vcpu0:r0=0 /\\ filemap[0]=0)
Observation question Sometimes 1 1
Hash=

`);
  });

  it.each<[string, string, RegExp, number]>([
    ['exists', 'exists (vcpu0:exit0=MMIO)', /^No$[^]*Observation question Never 0 2/m, 1],
    ['~exists', '~exists (vcpu0:exit0=MMIO)', /Forbidden$[^]*^Ok$[^]* Never 0 2/m, 0],
    ['forall', 'forall (filemap[0])', /Required$[^]*^No$[^]* Sometimes 1 1[^]*Witness|BUG/m, 1],
    ['never', 'never (attr[0]=shared)', /all states[^]*^Ok$[^]* Never 0 \d{3}/m, 0],
    ['an invariant', 'check S4s', /^No$[^]*^Flag S4s$[^]*BUG: S4s/m, 1],
    ['an order', 'exists (host@truncate_inode_pages_range -> vcpu0@clear_highpage)', /^Ok$/m, 0],
    ['within', 'exists (vcpu0@clear_highpage during host@kvm_gmem_punch_hole)', /^Ok$/m, 0],
  ])('%s', async (_what, more, said, wanted) => {
    const { status, out } = await gmemcheck('litmus', litmus(more, SNP), '--protocol', '6.12');
    expect(out).toMatch(said);
    expect(status).toBe(wanted);
  });

  it('flags a run that never ends, and a deadlock, and shows neither as an answer', async () => {
    const loops = await gmemcheck('litmus', 'punch-two-pages', '--protocol', 'P1', '--brief');
    expect(loops.out).toMatch(/^Flag livelock$/m);
    expect(loops.out).toContain('npx gmemcheck check punch-two-pages --protocol P1');
    const file = litmus(' after host:r1 | after vcpu0:r1 ;\nexists (host:r0=0)', SNP);
    const { status, out } = await gmemcheck('litmus', file, '--protocol', '6.12');
    expect(out).toMatch(/^No$[^]*^Flag deadlock$[^]*^BUG: deadlock/m);
    expect(out).not.toContain('condition is violated');
    expect(status).toBe(1);
  });

  it('takes one value for each place', () =>
    refused(
      ['litmus', litmus('exists (filemap[0])', `${SNP} attr[0]=shared;`)],
      /attr\[0\] is given twice/,
    ));

  it('says the same every time, but for the time if that is asked for', async () => {
    const args = ['litmus', litmus('exists (filemap[0])', SNP), '--protocol', '6.12'];
    const [first, second, timed] = [
      await gmemcheck(...args),
      await gmemcheck(...args),
      await gmemcheck(...args, '--time'),
    ];
    expect(second.out).toBe(first.out);
    expect(first.out).not.toMatch(/^Time/m);
    expect(timed.out.replace(/^Time question \d+\.\d\d\n/m, '')).toBe(first.out);
  });

  it('has a hash of model, protocol, test and bounds', async () => {
    const hash = async (text: string, ...args: string[]): Promise<string> => {
      const { out } = await gmemcheck('litmus', tempFile('t.litmus', text), '--brief', ...args);
      return /Hash=(\w{32})/.exec(out)![1]!;
    };
    const text = readFileSync(`${packageRoot}/models/litmus/prep-4-sw.litmus`, 'utf8');
    const own = await hash(text, '--protocol', 'P1');
    expect(await hash(`(* more *)  ${text}`, '--protocol', 'P1')).toBe(own);
    expect(await hash(text.replace('write 0 1', 'write 0 2'), '--protocol', 'P1')).not.toBe(own);
    expect(await hash(text, '--protocol', 'P2')).not.toBe(own);
    expect(await hash(text, '--protocol', 'P1', '--max-states', '5000')).not.toBe(own);
  });

  it('prints a line for each protocol', async () => {
    const file = litmus('exists (filemap[0]=0)', 'memory=snp; attr[0]=private;');
    const { status, out } = await gmemcheck('litmus', file, '--protocol', 'all');
    expect(out).toMatch(/^ {2}P0 +- P0 has no memory kind 'snp'/m);
    expect(out).toMatch(/^ {2}6\.12 +Ok +Sometimes {2}1 1$/m);
    expect(status).toBe(0);
  });

  it('holds the file to what it expects', async () => {
    const right = litmus('check S4s\nexpect 6.12: violated S4s in 33 steps', SNP);
    expect(await gmemcheck('litmus', right, '--brief')).toMatchObject({ status: 0 });
    const wrong = await gmemcheck('litmus', litmus('check S4s\nexpect 6.12: holds', SNP), '--json');
    expect(wrong.status).toBe(1);
    const [result] = JSON.parse(wrong.out);
    expect(result).toMatchObject({ ok: false, flags: ['S4s'], steps: 33, bound: null });
    expect(result.expectation).toEqual({ text: 'holds', met: false });
  });

  it('says what a bound has left open, and what is known all the same', async () => {
    const args = ['--protocol', '6.12', '--max-states', '300', '--brief'];
    const open = await gmemcheck('litmus', litmus('forall (filemap[0]=0)', SNP), ...args);
    expect(open.out).toMatch(/^bound hit: --max-states 300: of what was visited$/m);
    expect([0, 1, 3]).toContain(open.status);
    expect(open.out).toMatch(open.status === 3 ? /^Undecided$/m : /^(No|Ok)$/m);
  });

  it.each<[string, RegExp]>([
    [
      'exists (host@kvm_gmem_punch_hol -> vcpu0@clear_highpage)',
      /:6:9: .* did you mean 'kvm_gmem_punch_hole'/,
    ],
    ['exists (hots@kvm_gmem_punch_hole -> vcpu0@clear_highpage)', /:6:9: no column 'hots'; did/],
    ['exists (host@kvm_gmem_punch_hole:mapping_empty -> vcpu0@clear_highpage)', /a step of trunc/],
    ['exists (host@kvm_gmem_release -> vcpu0@clear_highpage)', /'host@kvm_gmem_release' is never/],
    [
      'exists (host@kvm_gmem_release:fput -> vcpu0@clear_highpage)',
      /is never reached; nothing here comes to kvm_gmem_release\(\)/,
    ],
  ])('refuses what is never reached: %s', (more, message) =>
    refused(['litmus', litmus(more, SNP), '--protocol', '6.12'], message),
  );
});

describe('what is counted', () => {
  it.each<[string, string]>([
    ['fault-vs-punch', '6.12'],
    ['conv-pinned', 'C2'],
    ['order-map-in-hole', 'P9'],
    ['prefault-vs-punch', 'P3'],
  ])('%s under %s: the states that check visits', async (name, protocol) => {
    const args = [name, '--protocol', protocol, '--json'];
    const [checked] = JSON.parse((await gmemcheck('check', ...args)).out);
    const [{ outcomes, over, ...counted }] = JSON.parse((await gmemcheck('litmus', ...args)).out);
    expect(checked.verdict).toBe('holds');
    expect(counted.states).toBe(checked.states);
    expect(counted.transitions).toBe(checked.transitions);
    const sum = outcomes
      .map((o: { count: number }) => o.count)
      .reduce((a: number, b: number) => a + b);
    const finals = Number(/visited, (\d+) of them final/.exec(checked.note)![1]);
    expect(sum).toBe(over === 'all' ? checked.states : finals);
  });

  it('a search with reductions says that it keeps the order, and what it did not come to', async () => {
    const order = 'never (host@kvm_gmem_invalidate_end -> host@truncate_inode_pages_range)';
    const reduced = ['--protocol', '6.12', '--reduce', 'all', '--brief'];
    const { out } = await gmemcheck('check', litmus(order, SNP), ...reduced);
    expect(out.replace(/\s+/g, ' ')).toMatch(/holds, exhaustive.*watched are not reordered/);
    const far = 'never (host@kvm_gmem_release -> host@truncate_inode_pages_range)';
    await refused(['check', litmus(far, SNP), ...reduced], /is never reached/);
    const short = ['--protocol', '6.12', '--max-depth', '5', '--brief'];
    const open = await gmemcheck('check', litmus(order, SNP), ...short);
    expect(open.out.replace(/\s+/g, ' ')).toMatch(/undecided.*was not reached/);
  });
});

describe('with { ... }', () => {
  const changed = (changes: string, more = 'exists (filemap[0])'): string =>
    tempFile(
      'changed.litmus',
      `gmem changed "changed" { ${SNP} }\nwith { ${changes} }\n vcpu0 | host ;\n` +
        ` run: write 0 1 | fallocate(PUNCH_HOLE, 0, 1) ;\n${more}\n`,
    );
  const broken = async (changes: string): Promise<string[]> => {
    const args = ['--protocol', '6.12', '--json'];
    const { out, err } = await gmemcheck('litmus', changed(changes), ...args);
    expect(err).toBe('');
    return JSON.parse(out)[0].flags;
  };

  it('is no code of the protocol: neither its coverage nor its lock order', async () => {
    const file = changed('drop kvm_gmem_punch_hole:filemap_invalidate_lock;');
    const args = ['--protocol', '6.12', '--coverage', '--json'];
    const { coverage, results } = JSON.parse((await gmemcheck('check', file, ...args)).out);
    const functions: { function: string; unknown: unknown }[] = coverage[0].functions;
    expect(functions.filter((f) => f.unknown !== null)).toEqual([]);
    expect(results[0].lockOrder).toEqual([]);
  });

  it('changes what happens', async () => {
    expect(await broken('')).toEqual([]);
    expect(await broken('skip is_page_fault_stale;')).toContain('S1');
    expect(await broken('drop kvm_gmem_punch_hole:filemap_invalidate_lock;')).toContain('S3');
    expect(
      await broken(
        'swap kvm_gmem_punch_hole:truncate_inode_pages_range kvm_gmem_punch_hole:kvm_gmem_invalidate_end;',
      ),
    ).toContain('S1');
    expect(await broken('swap truncate_inode_pages_range kvm_gmem_invalidate_end;')).toContain(
      'S1',
    );
    expect(
      await broken(
        'move kvm_gmem_punch_hole:kvm_gmem_invalidate_begin after kvm_gmem_punch_hole:kvm_gmem_invalidate_end;',
      ),
    ).toContain('S1');
  });

  it.each<[string, RegExp]>([
    [
      'drop kvm_gmem_punch_hole:filemap_invalidat_lock;',
      /:2:8: .*did you mean 'filemap_invalidate/,
    ],
    [
      'skip is_page_falt_stale;',
      /:2:8: 6\.12 has no function .*did you mean 'is_page_fault_stale'/,
    ],
    [
      'drop kvm_gmem_release:fput;',
      /fput' is never reached; nothing in this test comes to kvm_gmem_release\(\)/,
    ],
    ['skip kvm_gmem_release;', /'skip kvm_gmem_release' is never reached/],
    ['skip kvm_faultin_pfn;', /the kernel cannot run: .*= \(0, 0\)/],
    ['drop kvm_gmem_punch_hole:filemap_invalidate_unlock;', /cannot run: .*ends holding/],
    ['swap kvm_gmem_punch_hole:a kvm_gmem_bind:b;', /:2:35: steps of two functions/],
    [
      'drop write_lock;',
      /:2:8: .* fits 2 functions; expected one of drop kvm_gmem_invalidate_begin:write_lock, drop/,
    ],
    ['drop filemap_invalidate_lok;', /no function has a step .* mean 'filemap_invalidate_lock'/],
    ['swap write_lock mapping_empty;', /:2:8: .* no function has both of these steps/],
    ['swap kvm_gmem_punch_hole:filemap_invalidate_unlock kvm_gmem_punch_hole:list_for;', /never/],
    [
      'swap kvm_gmem_punch_hole:kvm_gmem_invalidate_begin kvm_gmem_punch_hole:kvm_gmem_invalidate_end;',
      /is never reached; the second has to come directly behind the first/,
    ],
    ['skip is_page_fault_stale = maybe;', /expected a small number/],
    ['jump somewhere;', /:2:8: expected/],
  ])('refuses %s', (changes, message) =>
    refused(['litmus', changed(changes), '--protocol', '6.12'], message),
  );
});
