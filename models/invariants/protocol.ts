import { PENDING, type Ledger } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import type { Invariant, Scenario } from '../scenario.js';
import { BUGS } from '../state/bugs.js';
import { isThp } from '../state/shape.js';
import type { Kvm } from '../state/structs.js';

export const S3: Invariant = {
  id: 'S3',
  statement:
    'mmu_invalidate_in_progress counts the invalidations begun and not ended; ' +
    'whoever has one open holds slots_lock or an invalidate_lock, or is an MMU notifier, or ' +
    'kvm_zap_gfn_range(), which holds kvm->srcu; ' +
    'each has a range',
  source: 'virt/kvm/kvm_main.c, kvm_mmu_invalidate_begin(), kvm_mmu_invalidate_end()',
  byDefault: true,
  applies: () => true,
  holds: (k) => {
    const code = k.ghost.bug;
    if (code === BUGS.negativeInProgress.code || code === BUGS.rangeMissing.code) return false;
    return k.kvms.every((kvm) => countsOpen(k, kvm));
  },
};

function countsOpen(k: Kernel, kvm: Kvm): boolean {
  const { actors } = k.shape;
  let open = 0;
  for (let a = 0; a < actors; a++) {
    const mine = k.ghost.open_begins.load(k.kvms.indexOf(kvm) * actors + a);
    if (mine < 0 || (mine > 0 && !mayInvalidate(k, kvm, a))) return false;
    open += mine;
  }
  return open === kvm.mmu_invalidate_in_progress;
}

function mayInvalidate(k: Kernel, kvm: Kvm, actor: number): boolean {
  return (
    kvm.slots_lock.owner === actor ||
    (isThp(k.shape) && ((kvm.srcu.readers >> actor) & 1) === 1) ||
    (k.shape.hostUnmaps === true && kvm.mn_active_invalidate_count.load(0) > 0) ||
    k.inodes.some(({ invalidate_lock: l }) => l.owner === actor || l.isSharedBy(actor))
  );
}

const CORRUPTIONS: readonly number[] = [
  BUGS.slotFreed.code,
  BUGS.gmemFreed.code,
  BUGS.folioFreed.code,
  BUGS.cacheOverrun.code,
];

export const S10: Invariant = {
  id: 'S10',
  statement:
    'nobody touches a memslot or a kvm_gmem, or drops a folio, that was freed, or writes behind ' +
    'the end of an array',
  source: 'virt/kvm/guest_memfd.c, kvm_gmem_unbind(); ae431059e75d',
  byDefault: true,
  applies: () => true,
  holds: (k) => !CORRUPTIONS.includes(k.ghost.bug),
};

export const S13: Invariant = {
  id: 'S13',
  statement:
    'a conversion that fails leaves every attribute as it was; one that returns 0 ' +
    'leaves every page of its range as asked, and no other changed',
  source: 'virt/kvm/guest_memfd.c, __kvm_gmem_set_attributes()',
  byDefault: true,
  applies: (shape) => shape.inodeAttributes,
  holds: (k) => k.ghost.bug !== BUGS.halfConverted.code,
};

/** Not by default: S1 and S7 notice what comes of it in every test. */
export const S15: Invariant = {
  id: 'S15',
  statement:
    "when a fault installs an SPTE, its gfn's attribute is what the fault went by, what it " +
    'maps is what backs the gfn, and no invalidation that covers the gfn is under way',
  source: 'arch/x86/kvm/mmu/mmu.c, is_page_fault_stale(), and smp_rmb() in kvm_faultin_pfn()',
  byDefault: false,
  applies: () => true,
  holds: (k) => k.ghost.bug !== BUGS.staleInstall.code,
};

export const S16: Invariant = {
  id: 'S16',
  statement:
    'KVM_PRE_FAULT_MEMORY returns 0 if and only if it mapped something; an ' +
    'error leaves the range as it was',
  source: 'virt/kvm/kvm_main.c, kvm_vcpu_pre_fault_memory(); v4 cover letter of the series',
  byDefault: true,
  applies: () => true,
  holds: (_k, scenario, ledger) =>
    scenario.columns.every((column, actor) =>
      column.calls.every((_, op) => exitContract(scenario, ledger, actor, op)),
    ),
};

function exitContract(scenario: Scenario, ledger: Ledger, actor: number, op: number): boolean {
  const call = scenario.columns[actor]!.calls[op]!;
  if (call.op !== 'KVM_PRE_FAULT_MEMORY') return true;
  const r = ledger.outcome(actor, op, 0);
  if (r === PENDING) return true;
  const left = ledger.outcome(actor, op, 1);
  return r === 0 ? left < call.npages : r < 0 && left === call.npages;
}
