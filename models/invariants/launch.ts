import { PENDING, type Ledger } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import type { Call } from '../operations.js';
import type { Invariant, Scenario } from '../scenario.js';
import { ZERO } from '../state/shape.js';
import type { Kvm, RmpEntry } from '../state/structs.js';
import { SEPT_FREE } from '../state/tdx.js';
import { asidOf, isLinked, isOwn } from '../state/vms.js';
import { mapped } from './folios.js';

/** A call that populates, which has returned; `done` pages of it are in the image. */
interface Populated {
  readonly gfn: number;
  readonly done: number;
  readonly value: number;
  readonly vm: number;
}

type Populating = Extract<Call, { op: 'KVM_SEV_SNP_LAUNCH_UPDATE' | 'KVM_TDX_INIT_MEM_REGION' }>;

export const S14: Invariant = {
  id: 'S14',
  statement:
    'a page that populate reports as done holds what user space gave it, until the launch has ' +
    'finished or the page goes, and until then no SPTE maps one that populate has made private and ' +
    'the firmware has not taken yet (SNP); it was measured, and no page ever is twice (TDX)',
  source: 'virt/kvm/guest_memfd.c, kvm_gmem_populate(); sev_ and tdx_gmem_post_populate()',
  byDefault: true,
  applies: (shape) => shape.memory !== 'sw',
  holds: (k, scenario, ledger) =>
    k.shape.memory === 'tdx'
      ? isMeasuredOnce(k, populated(scenario, ledger), underWay(scenario, ledger))
      : k.kvms.every((kvm) => kvm.launched) ||
        (holdsImage(
          k,
          populated(scenario, ledger),
          behindHoles(scenario, ledger),
          isHoled(scenario),
        ) &&
          !isHalfSeen(k)),
};

function populated({ columns }: Scenario, ledger: Ledger): Populated[] {
  return columns.flatMap((column, actor) =>
    column.calls.flatMap((call, op) => {
      if (!isPopulate(call) || ledger.outcome(actor, op, 0) === PENDING) return [];
      return {
        gfn: call.gfn,
        done: ledger.outcome(actor, op, 1),
        value: call.value,
        vm: call.vm ?? 0,
      };
    }),
  );
}

/** Calls that have not returned: one of them may be adding the page again, behind a hole. */
function underWay({ columns }: Scenario, ledger: Ledger): Populating[] {
  return columns.flatMap((column, actor) =>
    column.calls.filter(
      (call, op): call is Populating =>
        isPopulate(call) && ledger.outcome(actor, op, 0) === PENDING,
    ),
  );
}

const behindHoles = (scenario: Scenario, ledger: Ledger): Populating[] =>
  isHoled(scenario) ? underWay(scenario, ledger) : [];

const isHoled = ({ columns }: Scenario): boolean =>
  columns.some((c) => c.calls.some(({ op }) => op === 'fallocate'));

const isPopulate = (c: Call): c is Populating =>
  c.op === 'KVM_SEV_SNP_LAUNCH_UPDATE' || c.op === 'KVM_TDX_INIT_MEM_REGION';

const isAsked = (gfn: number) => (c: Populating) => c.gfn <= gfn && gfn < c.gfn + c.npages;

const isDone = (gfn: number) => (p: Populated) => p.gfn <= gfn && gfn < p.gfn + p.done;

/** A page that was taken away is no longer counted as measured. */
function isMeasuredOnce(
  k: Kernel,
  calls: readonly Populated[],
  pending: readonly Populating[],
): boolean {
  const { measured, sept } = k.kvm_tdx[0]!;
  for (let gfn = 0; gfn < k.shape.gfns; gfn++) {
    if (measured.load(gfn) > 1) return false;
    const isThere = sept.load(gfn) !== SEPT_FREE;
    const isAddedAgain = pending.some(isAsked(gfn));
    if (isThere && !isAddedAgain && measured.load(gfn) === 0 && calls.some(isDone(gfn)))
      return false;
  }
  return true;
}

/** Who faults beside populate gets the page before it, or all of it behind it. */
const isHalfSeen = (k: Kernel): boolean =>
  k.shape.populates === true && mapped(k).some((n) => k.ghost.half_populated.load(n) === 1);

/**
 * Until a guest's own launch has finished. What a hole takes away, and a second call puts
 * there, holds what that one gave; who asks for no hole may not wait for that.
 */
function holdsImage(
  k: Kernel,
  calls: readonly Populated[],
  pending: readonly Populating[],
  mayBeNew: boolean,
): boolean {
  const asked = calls.filter((p) => !hasLaunched(k, k.kvms[p.vm]!));
  return k.rmp.every((entry, folio) => {
    if (!entry.assigned || k.kvms.some((kvm) => kvm.launched && isOwn(k, entry, kvm))) return true;
    const { gfn } = entry;
    const given = asked.filter((p) => isDone(gfn)(p) && mayBeOf(k, k.kvms[p.vm]!, entry));
    const { content } = k.folios[folio]!;
    return (
      given.length === 0 ||
      // Behind a hole fallocate() may have prepared another page.
      (mayBeNew && content === ZERO) ||
      given.some((p) => p.value === content) ||
      pending.some((c) => isAsked(gfn)(c) && c.value === content)
    );
  });
}

/** Of VMs that are one SNP guest, one launch is enough. */
const hasLaunched = (k: Kernel, kvm: Kvm): boolean =>
  k.kvms.some((other) => other.launched && asidOf(k, other) === asidOf(k, kvm));

/** Is the page one that this VM may have populated? Of an inode that is linked whoever came first. */
const mayBeOf = (k: Kernel, kvm: Kvm, entry: RmpEntry): boolean =>
  isLinked(k.shape.vms) || isOwn(k, entry, kvm);
