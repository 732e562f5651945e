import { describe, expect, it } from 'vitest';
import {
  unreachedWarnings,
  type Coverage,
  type FunctionCoverage,
} from '../../src/report/coverage.js';
import { gmemcheck, litmus, tempFile } from './run.js';

interface Document {
  readonly results: readonly Record<string, unknown>[];
  readonly coverage: readonly Coverage[];
}

async function documentOf(...args: string[]): Promise<Document> {
  const { out, err } = await gmemcheck('check', ...args, '--coverage', '--json');
  expect(err).toBe('');
  return JSON.parse(out) as Document;
}

/** One function under the first protocol. */
async function coverageOf(fn: string, ...args: string[]): Promise<FunctionCoverage> {
  const { coverage } = await documentOf(...args);
  return coverage[0]!.functions.find((f) => f.function === fn)!;
}

/** A fault and a fallocate() that may fail this often. */
const failing = (faults: number): string =>
  litmus('expect 6.12: holds', `memory=snp; attr[0]=private; faults=${faults};`);

describe('gmemcheck check --coverage', () => {
  it('prints a table and what was never reached, below the verdicts', async () => {
    const { status, out, err } = await gmemcheck('check', litmus(), '--coverage');
    expect([status, err]).toEqual([0, '']);
    const lines = out.split('\n');
    const at = lines.indexOf('coverage of 6.12, 1 test');
    expect(lines[at - 2]).toBe('1 verdict: 0 violated, 1 holds, 0 undecided; all as expected');
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}kvm_gmem_punch_hole +6\/6 +1\/1 +1\/1 +0\/1$/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {4}vcpu_run \(models.flows.vcpu\.ts:\d+\)$/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {6}line \d+: run->exit_reason = KVM_EXIT_MMIO: never reached$/),
    );
    expect(out).toMatch(/^ {4}never called: .*\bkvm_gmem_allocate\b/ms);
    expect(out).toMatch(/^[\n\x20-\x7e]*$/);
    expect(lines.filter((line) => line.length > 75)).toEqual([]);
  });

  it('with --json wraps the array of results, which is the same without', async () => {
    const { results, coverage } = await documentOf('populate-twice');
    const plain = JSON.parse((await gmemcheck('check', 'populate-twice', '--json')).out) as unknown;
    expect(results).toEqual(plain);
    expect(coverage.map((c) => [c.protocol, c.tests])).toEqual(
      results.map((r) => [r['protocol'], 1]),
    );
    expect(coverage.flatMap((c) => c.functions).filter((f) => f.unknown !== null)).toEqual([]);
  });

  it('a fault taken out of the test leaves its steps unreached, and that is warned of', async () => {
    const { coverage: with1 } = await documentOf(failing(1));
    const { coverage: without } = await documentOf(failing(0));
    const put =
      /^warning: 6\.12: kvm_gmem_get_pfn: step 'folio_put\(\)' \(models.protocols.P3\.ts:\d+\) is reached by no test$/;
    expect(unreachedWarnings(with1).filter((w) => put.test(w))).toEqual([]);
    expect(unreachedWarnings(without).filter((w) => put.test(w))).toHaveLength(1);
  });

  it('names the outcomes that were seen, and the returns', async () => {
    const grab = await coverageOf('filemap_grab_folio', failing(1));
    const add = grab.steps.find((s) => s.kind === 'choose')!;
    expect(add.outcomes).toEqual([
      { name: 'default', seen: true },
      { name: '-ENOMEM', seen: true },
    ]);
    expect((await coverageOf('kvm_gmem_get_pfn', failing(1))).returns).toContainEqual({
      name: '-ENOMEM',
      seen: true,
    });
    expect((await coverageOf('kvm_gmem_get_pfn', failing(0))).returns).toContainEqual({
      name: '-EFAULT',
      seen: false,
    });
  });

  it('knows who had to wait', async () => {
    const punch = 'fallocate(PUNCH_HOLE, 0, 1)';
    const waited = async (columns: string, calls: string): Promise<boolean | null> => {
      const text = `gmem x { filemap[0]=5; } ${columns} ; ${calls} ; expect 6.12: holds`;
      const found = await coverageOf('kvm_gmem_punch_hole', tempFile('x.litmus', text));
      return found.steps[0]!.waited;
    };
    expect(await waited('host', punch)).toBe(false);
    expect(await waited('host | other', `${punch} | ${punch}`)).toBe(true);
  });

  it("finds the steps of a user's own protocol in its file", async () => {
    const file = tempFile(
      'variant.ts',
      `import { from, protocol, protocolById, step } from 'gmemcheck';
const mine = from('virt/kvm/guest_memfd.c', 'mine');
export default protocol(protocolById('6.12'), {
  id: 'mine',
  title: 'one more step',
  functions: {
    kvm_gmem_mark_prepared: mine(function* kvm_gmem_mark_prepared(_k, folio) {
      yield* step('__folio_mark_uptodate(folio)', () => void (folio.uptodate = true));
      if (_k.shape.pages > 7) yield* step('mine()', () => {});
    }),
  },
});
`,
    );
    const found = await coverageOf('kvm_gmem_mark_prepared', litmus(), '--protocol', file);
    expect(found).toMatchObject({ called: true, unknown: null, source: `${file}:7` });
    expect(found.steps.map((s) => [s.label, s.source, s.reached])).toEqual([
      ['__folio_mark_uptodate(folio)', `${file}:8`, true],
      ['mine()', `${file}:9`, false],
    ]);
  });
});
