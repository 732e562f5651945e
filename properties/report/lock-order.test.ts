import { describe, expect, it } from 'vitest';
import { LockOrderSum, mergeLockOrder } from '../../src/check/lockorder.js';
import type { Acquisition, LockMode } from '../../src/core/lockorder.js';
import { renderLockCycles, renderLockOrder, type SeenNesting } from '../../src/report/lockorder.js';

const at = (lockClass: string, mode: LockMode, label: string, ...stack: string[]): Acquisition => ({
  class: lockClass,
  instance: 'vm',
  mode,
  label,
  stack,
});
const seen = (test: string, held: Acquisition, taken: Acquisition): SeenNesting => ({
  held,
  taken,
  test,
});

const PUNCH = 'fallocate(PUNCH_HOLE, 0, 1)';
const punch = seen(
  'punch',
  at(
    'mapping->invalidate_lock',
    'exclusive',
    'filemap_invalidate_lock(mapping)',
    PUNCH,
    'kvm_gmem_fallocate',
    'kvm_gmem_punch_hole',
  ),
  at('kvm->slots_lock', 'exclusive', 'mutex_lock(&kvm->slots_lock)', PUNCH, 'kvm_gmem_punch_hole'),
);
const CLOSE = 'close(gmem0)';
const close = seen(
  'close',
  at('kvm->slots_lock', 'exclusive', 'mutex_lock(&kvm->slots_lock)', CLOSE, 'kvm_gmem_release'),
  at(
    'mapping->invalidate_lock',
    'shared',
    'filemap_invalidate_lock_shared(mapping)',
    CLOSE,
    'kvm_gmem_release',
  ),
);
const text = (...nestings: SeenNesting[]): string =>
  `\n${renderLockCycles(mergeLockOrder('6.12', nestings)).join('\n')}\n`;

describe('a cycle', () => {
  it('has its chains in different tests, and names the functions of both', () => {
    expect(text(punch, close)).toBe(`
WARNING: possible circular locking dependency under 6.12:
  kvm->slots_lock -> mapping->invalidate_lock -> kvm->slots_lock

  #1 close(gmem0), in test close
     holds  kvm->slots_lock: mutex_lock(&kvm->slots_lock)
            by kvm_gmem_release()
     takes  mapping->invalidate_lock (shared):
              filemap_invalidate_lock_shared(mapping)
            by kvm_gmem_release()

  #2 fallocate(PUNCH_HOLE, 0, 1), in test punch
     holds  mapping->invalidate_lock: filemap_invalidate_lock(mapping)
            by kvm_gmem_punch_hole() <- kvm_gmem_fallocate()
     takes  kvm->slots_lock: mutex_lock(&kvm->slots_lock)
            by kvm_gmem_punch_hole()

These go by classes of locks, as in lockdep: whether a schedule runs into
one is for the verdicts to say.
`);
  });

  it('is nothing where there is none', () => {
    expect(text(punch)).toBe('\n\n');
    expect(text()).toBe('\n\n');
  });

  it('of three has three chains', () => {
    const nest = (a: string, b: string): SeenNesting =>
      seen(`${a}${b}`, at(a, 'exclusive', 'l', 'op'), at(b, 'exclusive', 'l', 'op'));
    const lines = text(nest('a', 'b'), nest('b', 'c'), nest('c', 'a')).split('\n');
    expect(lines).toContain('  a -> b -> c -> a');
    expect(lines.filter((line) => /^ {2}#\d/.test(line))).toEqual([
      '  #1 op, in test ab',
      '  #2 op, in test bc',
      '  #3 op, in test ca',
    ]);
  });

  it('of one class is recursive locking', () => {
    const twice = seen('t', at('x', 'exclusive', 'l', 'op'), at('x', 'exclusive', 'l', 'op'));
    expect(text(twice)).toContain('possible recursive locking under 6.12:\n  x -> x\n');
  });

  it('that needs a queued writer says of which lock, and only then', () => {
    const read = (a: string, b: string): SeenNesting =>
      seen('t', at(a, 'shared', 'l', 'op'), at(b, 'shared', 'l', 'op'));
    expect(text(read('a', 'b'), read('b', 'a'))).toContain('Readers of b, a wait for a writer');
    expect(text(punch, close)).not.toContain('Readers');
  });

  it('prefers chains that need nobody else', () => {
    const nest = (a: string, b: string, mode: LockMode): SeenNesting =>
      seen(mode, at(a, mode, 'l', 'op'), at(b, mode, 'l', 'op'));
    const readers = [nest('a', 'b', 'shared'), nest('b', 'a', 'shared')];
    const both = text(...readers, nest('a', 'b', 'exclusive'), nest('b', 'a', 'exclusive'));
    expect(both).toContain('in test exclusive');
    expect(both).not.toContain('Readers');
  });

  it('fits a mail, however deep the calls', () => {
    const deep = Array.from({ length: 30 }, (_, i) => `a_function_with_a_long_name_${i}`);
    const there = at('a'.repeat(90), 'exclusive', `lock(${'b'.repeat(90)})`, 'op', ...deep);
    const back = at('c', 'exclusive', 'lock(c)', 'op', ...deep);
    const lines = text(seen('t', there, back), seen('t', back, there)).split('\n');
    expect(lines.length).toBeGreaterThan(60);
    expect(lines.filter((line) => line.length > 75 || /[^ -~]/.test(line))).toEqual([]);
  });
});

describe('merging', () => {
  it('keeps the first test that shows a nesting', () => {
    const again = { ...punch, test: 'later' };
    expect(mergeLockOrder('6.12', [punch, again]).nestings).toEqual([punch]);
  });

  it('takes numbers in labels for the same step', () => {
    const trylock = (page: number): SeenNesting =>
      seen('t', at('a', 'exclusive', `trylock([${page}])`, 'op'), punch.taken);
    expect(mergeLockOrder('6.12', [trylock(0), trylock(1)]).nestings).toHaveLength(1);
  });
});

describe('the sum over tests', () => {
  it('closes a cycle between tests of one protocol, and of no two', () => {
    const sum = new LockOrderSum();
    sum.add('P1', [punch]);
    sum.add('6.12', [close]);
    expect(sum.all().map((o) => [o.protocol, o.cycles.length])).toEqual([
      ['P1', 0],
      ['6.12', 0],
    ]);
    sum.add('6.12', [punch, { ...punch, test: 'later' }]);
    expect(sum.all().map((o) => o.cycles)).toEqual([[], [[close, punch]]]);
    expect(sum.cyclesOf('6.12', 'close')).toEqual([[close, punch]]);
    expect(sum.cyclesOf('6.12', 'other')).toEqual([]);
    expect(sum.cyclesOf('P1', 'punch')).toEqual([]);
  });
});

describe('the order', () => {
  it('lists who nests in whom, the outermost lock first', () => {
    const order = mergeLockOrder('6.12', [
      seen('t', punch.held, at('folio', 'exclusive', 'folio_lock(folio)', PUNCH, 'truncate_edge')),
      close,
      seen('t', close.held, at('kvm->srcu', 'synchronize', 'synchronize', CLOSE, 'swap')),
    ]);
    expect(`${renderLockOrder(order).join('\n')}\n`).toBe(`
kvm->slots_lock
  -> mapping->invalidate_lock (shared)
       kvm_gmem_release()
  -> kvm->srcu (waits for its readers)
       kvm_gmem_release(), then swap()

mapping->invalidate_lock
  -> folio
       kvm_gmem_punch_hole(), then truncate_edge()

no cycle
`);
  });
});
