import { step, test } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { hit } from '../state/bugs.js';
import { NONE } from '../state/shape.js';
import type { Kvm } from '../state/structs.js';
import { smp_wmb } from './barriers.js';
import { rememberOlderFaults } from './provenance.js';

const kvm_main = from('virt/kvm/kvm_main.c', '6.12.117');
const kvm_host = from('include/linux/kvm_host.h', '6.12.117');

/**
 * MMU lock held for writing. Several steps all the same: the `_unsafe` check
 * reads the count, the range and the sequence number without any lock.
 */
export const kvm_mmu_invalidate_begin = kvm_main(function* kvm_mmu_invalidate_begin(
  k: Kernel,
  kvm: Kvm,
) {
  const first = yield* test('kvm->mmu_invalidate_in_progress++', () => {
    kvm.mmu_invalidate_in_progress++;
    addOpenBegins(k, kvm, 1);
    rememberOlderFaults(k, kvm);
    return kvm.mmu_invalidate_in_progress === 1;
  });
  if (first)
    yield* step('kvm->mmu_invalidate_range = INVALID_GPA', () => {
      kvm.mmu_invalidate_range_start = NONE;
      kvm.mmu_invalidate_range_end = NONE;
    });
});

/**
 * Grows the hull. Start and end are stored one after the other; a lockless
 * reader between the two may take a gfn behind the range for inside, and retries
 * once more than it had to. Nothing else comes of it, so they are one step.
 */
export const kvm_mmu_invalidate_range_add = kvm_main(function* kvm_mmu_invalidate_range_add(
  _k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
) {
  yield* step(`range_add(gfn ${start}..${end - 1})`, () => {
    const empty = kvm.mmu_invalidate_range_start === NONE;
    const { mmu_invalidate_range_start: low, mmu_invalidate_range_end: high } = kvm;
    kvm.mmu_invalidate_range_start = empty ? start : Math.min(low, start);
    kvm.mmu_invalidate_range_end = empty ? end : Math.max(high, end);
  });
});

export const kvm_mmu_invalidate_end = kvm_main(function* kvm_mmu_invalidate_end(
  k: Kernel,
  kvm: Kvm,
) {
  const advance = () => step('kvm->mmu_invalidate_seq++', () => kvm.mmu_invalidate_seq.advance());
  const drop = () => step('kvm->mmu_invalidate_in_progress--', () => dropInProgress(k, kvm));
  yield* smp_wmb(k, advance, drop);
});

/** Ghost of S3: the running actor's part of the count. */
function addOpenBegins(k: Kernel, kvm: Kvm, n: number): void {
  const mine = k.kvms.indexOf(kvm) * k.shape.actors + k.memory.actor;
  k.ghost.open_begins.store(mine, k.ghost.open_begins.load(mine) + n);
}

function dropInProgress(k: Kernel, kvm: Kvm): void {
  addOpenBegins(k, kvm, -1);
  if (kvm.mmu_invalidate_in_progress <= 0) return hit(k, 'negativeInProgress');
  if (kvm.mmu_invalidate_range_start === NONE) hit(k, 'rangeMissing');
  kvm.mmu_invalidate_in_progress--;
}

/** One step: its callers hold the MMU lock, and every writer holds it for writing. */
export const mmu_invalidate_retry_gfn = kvm_host(function* mmu_invalidate_retry_gfn(
  _k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  return yield* test('mmu_invalidate_retry_gfn()', () =>
    (kvm.mmu_invalidate_in_progress > 0 && inRange(kvm, gfn)) || kvm.mmu_invalidate_seq.changed);
});

/** Without the lock: three reads, each of whatever is there by then. */
export const mmu_invalidate_retry_gfn_unsafe = kvm_host(function* mmu_invalidate_retry_gfn_unsafe(
  _k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  const busy = yield* test('READ_ONCE(kvm->mmu_invalidate_in_progress)', () =>
    kvm.mmu_invalidate_in_progress > 0);
  if (busy && (yield* test('gfn in kvm->mmu_invalidate_range', () => inRange(kvm, gfn))))
    return true;
  return yield* test('READ_ONCE(kvm->mmu_invalidate_seq) != mmu_seq', () =>
    kvm.mmu_invalidate_seq.changed);
});

function inRange(kvm: Kvm, gfn: number): boolean {
  return (
    kvm.mmu_invalidate_range_start !== NONE &&
    kvm.mmu_invalidate_range_start <= gfn &&
    gfn < kvm.mmu_invalidate_range_end
  );
}
