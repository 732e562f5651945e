import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { gmemcheck, litmus, refused, tempFile } from './run.js';

describe('bad words on the command line', () => {
  it.each<[string, RegExp]>([
    ['chek', /unknown command 'chek'; did you mean 'check'\?/],
    ['check --stratgy random', /unknown option '--stratgy'; did you mean '--strategy'\?/],
    ['check --max-states 0', /expected a whole number from 1/],
    ['check --runs many', /expected a whole number from 1/],
    ['check --seed -1', /expected a whole number from 0|unknown option/],
    ['check --strategy dfs', /exhaustive, contexts, random/],
    ['check --memory tdx', /sw, snp/],
    ['check fault-vs-punhc', /did you mean 'fault-vs-punch'\?/],
    ['check --protocol P33', /no protocol 'P33'; did you mean 'P3'\?/],
    ['check --protocol nowhere.ts', /there is no such file/],
    ['check ./nowhere.litmus', /there is no such file/],
    [`check ${tmpdir()}`, /it is a directory/],
    ['list flow', /did you mean 'flows'\?/],
    ['list constructor', /expected one of protocols, tests/],
    ['list tests flows', /too many arguments/],
    ['show fallocat', /did you mean 'fallocate'\?/],
    ['show toString', /no flow 'toString'/],
    ['show fallocate --protocol X', /no protocol 'X'; expected one of/],
    ['replay', /missing required argument/],
    ['replay nowhere', /expected a token/],
  ])('%s', (line, message) => refused(line.split(' '), message));

  it('prints help and status 2 without any', async () => {
    const { status, out, err } = await gmemcheck();
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^Usage: gmemcheck /);
    expect(await gmemcheck('--help')).toMatchObject({ status: 0, err: '' });
  });
});

describe('litmus files that say what cannot be', () => {
  it.each<[string, string, string | undefined, RegExp]>([
    ['syntax', '= =', undefined, /:6:1: expected /],
    ['an operation', 'expect P99: holds', undefined, /:6:8: no protocol 'P99'/],
    ['an invariant', 'check S4z\nexpect P3: holds', undefined, /:6:7: no invariant 'S4z'; did/],
    ['a property', 'expect P3: violated S99', undefined, /:6:21: no property 'S99'/],
    ['twice', 'expect P3: holds\nexpect P3: holds', undefined, /:7:8: a second expectation/],
    ['nothing', '', undefined, /names no protocol/],
    ['an observable', 'exists filmap[0]', undefined, /:6:8: unknown 'filmap'; did/],
    ['an inherited name', 'exists constructor[0]', undefined, /:6:8: unknown 'constructor'/],
    [
      'an inherited value',
      'exists content[0]=toString',
      undefined,
      /:6:19: content\[0\] is never 'toString'; expected 0, 1 or stale/,
    ],
    ['a column', 'exists hots:r0=0', undefined, /:6:(8|13): no column 'hots'; did you mean 'host'/],
    ['a page', 'exists filemap[3]', undefined, /:6:8: expected filemap\[0\]$/m],
    ['two conditions', 'exists filemap[0]\nexists attr[0]', undefined, /:7:1: a second condition/],
    ['memory', 'expect P3: holds', 'memory=tdy;', /:3:10: expected sw or snp or tdx, got 'tdy'/],
    ['a size', 'expect P3: holds', 'pages=99999999999999999999;', /pages from 1 to 16/],
    ['RMPUPDATE', 'expect P3: holds', 'rmpupdate=never;', /:3:13: expected fails, got 'never'/],
    ['PSMASH', 'expect P3: holds', 'psmash=never;', /:3:10: expected fails, got 'never'/],
    ['a reference', 'expect P3: holds', 'speculative=no;', /:3:15: expected yes, got 'no'/],
    ['paging', 'expect P3: holds', 'paging=npt;', /:3:10: expected tdp or shadow, got 'npt'/],
    ['a TLB', 'expect P3: holds', 'tlb=yes;', /:3:7: expected explicit, got 'yes'/],
    ['an ASID', 'expect P3: holds', 'asid=1;', /:3:8: expected own or same, got '1'/],
    ['a mode', 'expect P3: holds', 'vcpu[0]=sm;', /:3:11: expected smm or nested or nested_no_tdp/],
    ['a vCPU', 'expect P3: holds', 'vcpu[7]=smm;', /:3:3: .*vcpu\[i\] with i from 0 to 0/],
    ['an address space', 'expect P3: holds', 'as[0]=guest;', /:3:9: expected smm, got 'guest'/],
    ['a flag', 'expect P3: holds', 'readonly[0]=no;', /:3:15: expected yes, got 'no'/],
    [
      'a slot for it',
      'expect P3: holds',
      'slot[0]=none; readonly[0]=yes;',
      /:3:17: there is no slot 0/,
    ],
    ['a comment in C', '// why', '', /:6:1: expected a comment between/],
    ['a comment that is open', '(* why', '', /:6:1: a comment without an end/],
    ['a conjunction in C', 'exists (filemap[0] && rmp[0])', '', /:6:20: expected "\/\\" for and/],
    ['an equality in C', 'exists (filemap[0]==1)', '', /:6:20: expected "=" once/],
    ['two tests', 'gmem other', '', /:6:\d: a second test: a file has one/],
    ['an attribute', 'expect P3: holds', 'attr[0]=PRIVATE;', /:3:11: expected private or shared/],
    ['another kind', 'expect P3: holds', 'memory=tdx;', /:3:3: P3 has no memory kind 'tdx'/],
    ['a leaf', 'expect P3: holds', 'huge=1;', /:3:8: expected huge from 2 to 512, got '1'/],
    ['a folio alone', 'expect P3: holds', 'folio=2;', /:3:9: expected huge=N as well, got '2'/],
    ['a folio', 'expect P3: holds', 'huge=2; folio=3;', /:3:17: expected folio that 2 divides/],
    ['huge pages', 'expect P3: holds', 'huge=2;', /P3 has no huge pages of guest_memfd: 'huge=2'/],
    [
      'a word nearly',
      'expect P3: holds',
      'rmpudpate=fails;',
      /:3:3: unknown 'rmpudpate'.*did you mean 'rmpupdate'/,
    ],
    ['a place', 'expect P3: holds', 'page=1;', /:3:3: unknown 'page'.*did you mean 'pages'/],
  ])('%s', async (_what, more, initial, message) => {
    const ownProtocol = more === '' || more.includes('P9');
    const asked = ownProtocol ? [] : ['--protocol', 'P3'];
    await refused(['check', litmus(more, initial), ...asked], message);
  });

  it.each<[string, RegExp]>([
    ['run: reda 0', /:2:6: 'reda' does not fit: expected run: read GFN/],
    ['run: read 1', /:2:1: 'run: read 1' reaches gfn 1, the last is 0/],
    ['read 5000', /expected a number from 0 to 1000/],
    ['constructor(1)', /unknown operation 'constructor'/],
    ['falocate(PUNCH_HOLE, 0, 1)', /did you mean 'fallocate'/],
    ['close(gmem3)', /reaches gmem 3, the last is 0/],
    ['KVM_SET_USER_MEMORY_REGION2(99, 0, 1)', /reaches slot 99, the last is 3/],
    ['after vcpu0:r4', /expected COLUMN:rN/],
    ['read 0 | read 0', /2 cells in a row of a table with 1 column\b/],
  ])('%s', (operation, message) =>
    refused(
      ['check', tempFile('x.litmus', `gmem x {} vcpu0 ;\n${operation} ;\nexpect P3: holds\n`)],
      message,
    ),
  );

  it.each<[string, string, string, RegExp]>([
    ['a VM too many', 'vms=3;', 'host', /:1:\d+: expected vms from 1 to 2, got '3'/],
    [
      'a VM that is not there',
      'vm1:attr[0]=private;',
      'host',
      /:1:1\d: no VM 'vm1:'; expected vms=2/,
    ],
    ['a prefix of vm0', 'vms=2;', 'vm0:host', /:1:\d+: no VM 'vm0:'; .* for vm0, nothing/],
    [
      "what is no VM's own",
      'vms=2; vm1:pages=2;',
      'host',
      /pages is not a VM's own; expected vm1:/,
    ],
    [
      'a file without its VM',
      'vms=2; gmem[1]=gmem0;',
      'host',
      /expected vm1:gmem\[i\] with i from 1/,
    ],
    ['gmem0 given away', 'vms=2; gmems=2; vm1:gmem[0]=own;', 'host', /expected vm1:gmem\[i\]/],
    ['a link to itself', 'vms=2; vm1:gmem[1]=gmem1;', 'host', /expected own, or the gmemN before/],
    [
      'a link within a VM',
      'vms=2; vm1:gmem[1]=own; vm1:gmem[2]=gmem1;',
      'host',
      /gmem2 can be linked to a file of another VM/,
    ],
    [
      'a link to a link, of one VM',
      'gmem[1]=gmem0; gmem[2]=gmem1;',
      'host',
      /gmem2 can be linked to a file that is no link itself/,
    ],
    [
      "a slot of another VM's file",
      'vms=2; vm1:gmem[1]=gmem0; vm1:slot[1]=(0, 1, 0, 0);',
      'host',
      /that fit 1 gfns and 1 pages; of vm1 is gmem1/,
    ],
    [
      'TDs',
      'memory=tdx; vms=2; vm1:gmem[1]=gmem0;',
      'host',
      /memory=tdx is for one VM: expected no vms=/,
    ],
  ])('%s', (_what, initial, column, message) =>
    refused(
      [
        'check',
        tempFile('x.litmus', `gmem x { ${initial} } ${column} ;\nread 0 ;\nexpect P5: holds\n`),
      ],
      message,
    ),
  );

  it("several VMs where there is one, another VM's slot, or what no VM has of its own", async () => {
    const two = 'gmem x { vms=2; vm1:gmem[1]=gmem0; }';
    const of2021 = tempFile('a.litmus', `${two} host ;\nread 0 ;\nexpect P0: holds`);
    await refused(['check', of2021], /under P0 a file is of one VM/);
    const linked = 'gmem x { gmem[1]=gmem0; } host ;\nread 0 ;\nexpect P0: holds';
    await refused(['check', tempFile('l.litmus', linked)], /under P0 an inode has one file/);
    const region = 'KVM_SET_USER_MEMORY_REGION2(0, 0, 0)';
    const slot = tempFile('b.litmus', `${two} vm1:host ;\n${region} ;\nexpect P4: holds`);
    await refused(['check', slot], /slot 0 is vm0's, but column vm1:host sets it/);
    const asks = tempFile(
      'c.litmus',
      `${two} host ;\nread 0 ;\nexists vm1:filemap[0]\nexpect P4: holds`,
    );
    await refused(
      ['check', asks],
      /:3:12: no 'vm1:filemap'; expected a VM of the test, and of attr, spte/,
    );
  });

  it('an operation of a vCPU elsewhere, or one that the protocol lacks', async () => {
    const host = tempFile('x.litmus', 'gmem x {} host ;\nrun: read 0 ;\nexpect P3: holds');
    await refused(['check', host], /:2:1: .* expected it in a column named vcpu0/);
    const early = tempFile(
      'y.litmus',
      'gmem y { } vcpu0 ;\nKVM_PRE_FAULT_MEMORY(0, 1) ;\nexpect P1: holds',
    );
    await refused(['check', early], /P1 has no KVM_PRE_FAULT_MEMORY/);
  });

  it.each<[string, string, string, RegExp]>([
    ['memory=snp; huge=2; folio=4; pages=4;', 'read 0', 'THP', /expected folio=2, or none/],
    [
      'memory=snp; huge=2;',
      'memory_failure(0)',
      'THP',
      /'memory_failure' is not modelled with huge/,
    ],
    ['memory=sw; huge=2;', 'read 0', 'H1', /'huge=2' needs memory=tdx/],
  ])('huge pages of %s: %s under %s', (initial, operation, protocol, message) => {
    const text = `gmem x { ${initial} } host ;\n${operation} ;\nexpect ${protocol}: holds`;
    return refused(['check', tempFile('x.litmus', text)], message);
  });

  it('prints nothing when only the last of several is bad', () =>
    refused(['check', litmus(), litmus('expect P99: holds')], /no protocol 'P99'/));
});

describe('hostile files', () => {
  const HEAD = 'gmem x {} vcpu0 ; run: read 0 ;\nexpect P3: holds\nexists ';
  it.each<[string, string | Uint8Array, RegExp]>([
    ['empty', '', /:1:1: expected "gmem"/],
    ['huge', 'a'.repeat(3_000_000), /at most \d+ are read/],
    ['long', ' '.repeat(100_000), /longer than 65536/],
    ['binary', Uint8Array.from({ length: 5_000 }, (_, i) => (i * 37) % 256), /not UTF-8/],
    ['Latin-1', Uint8Array.of(0x67, 0xe9, 0x6d), /not UTF-8/],
    ['zeros', '\0'.repeat(1_000), /:1:1: a character that cannot be seen, U\+0000/],
    ['a name', `gmem ${'x'.repeat(5_000)} {} host ; ;`, /:1:6: a name of 5000 characters/],
    ['a title', `gmem x "${'x'.repeat(5_000)}" {} host ; ;`, /:1:8: a title of 5002/],
    ['an escape', 'gmem x "\x1b[2J" {} host ; ;', /:1:9: .* U\+001B/],
    ['another order', 'gmem x "\u202e" {} host ; ;', /:1:9: .* U\+202E/],
    ['nested on one line', `${HEAD}${'('.repeat(50_000)}`, /:3:108: nested deeper than 100/],
    ['nested over lines', `${HEAD}${'( ~\n'.repeat(5_000)}`, /: nested deeper than 100/],
    ['negations', `${HEAD}${'~'.repeat(5_000)}attr[0]`, /:3:108: nested deeper than 100/],
    ['a chain', `${HEAD}attr[0]${' /\\\n attr[0]'.repeat(3_000)}`, /more than 500 times/],
    ['open comments', '(* '.repeat(20_000), /nested deeper/],
    ['wide', `gmem x {} ${'a|'.repeat(3_000)}z ; ;`, /1 cell in a row of a table with 3001/],
    ['tall', `gmem x {} host ;${' read 0 ;\n'.repeat(3_000)}`, /more than 16 operations/],
  ])('%s: one line, in bounded time', async (_what, content, message) => {
    const begin = performance.now();
    await refused(['check', tempFile('x.litmus', content)], message);
    expect(performance.now() - begin).toBeLessThan(20_000);
  });

  it.each<[string, string, RegExp]>([
    ['a long order', `${HEAD}vcpu0@a${' -> vcpu0@a'.repeat(5_000)}`, /more than 16 steps/],
    [
      'many changes',
      `gmem x {} with { ${'skip a; '.repeat(5_000)} } vcpu0 ; run: read 0 ;`,
      /more/,
    ],
    ['an open change', `gmem x {} with { ${'skip a '.repeat(5_000)}`, /:1:\d+: expected/],
    ['an open name', `${HEAD}vcpu0@"${'a'.repeat(30_000)}`, /:3:\d+: expected/],
    ['an open title', `gmem x "${'a '.repeat(30_000)}`, /:1:\d+: expected/],
  ])('%s: one line and the place, in bounded time', async (_what, content, message) => {
    const begin = performance.now();
    await refused(['litmus', tempFile('x.litmus', content)], message);
    expect(performance.now() - begin).toBeLessThan(20_000);
  });

  it('show the place, of a long line a part', async () => {
    const near = await gmemcheck('check', tempFile('x.litmus', 'gmem x {}\n\tvcpu0 : ;'));
    expect(near.err.split('\n').slice(1)).toEqual(['   vcpu0 : ;', '         ^', '']);
    const far = await gmemcheck('check', tempFile('x.litmus', `gmem x {} ${'a|'.repeat(99)}=;`));
    const [, line, caret] = far.err.split('\n');
    expect(line!.length).toBeLessThanOrEqual(75);
    expect(line![caret!.indexOf('^')]).toBe('=');
  });

  it('reads what is just within the limits', async () => {
    const deep = `${HEAD}${'('.repeat(98)}attr[0]=0${')'.repeat(98)}`;
    const long = `${HEAD}attr[0]=0${' /\\ attr[0]=0'.repeat(499)}`;
    for (const text of [deep, long])
      expect((await gmemcheck('check', tempFile('x.litmus', text))).status).toBe(0);
  });
});
