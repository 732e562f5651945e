import { choose, step, test } from '../../src/core/index.js';
import { EEXIST, EINVAL, EIO } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { rememberGivenBack } from '../state/conversions.js';
import { NONE } from '../state/shape.js';
import type { Folio, Kvm } from '../state/structs.js';
import { asidOf } from '../state/vms.js';
import { kvm_lock, kvm_unlock, slots_lock, slots_unlock } from './locks.js';

const sev = from('arch/x86/kvm/svm/sev.c', '6.12.117');

const rmpOf = (k: Kernel, folio: Folio) => k.rmp[k.folios.indexOf(folio)]!;

/** The RMP entry is read without any lock. */
const rmp_assigned = (k: Kernel, folio: Folio) =>
  test('snp_lookup_rmpentry(): assigned', () => rmpOf(k, folio).assigned);

/** RMPUPDATE is one instruction; it may fail where the scenario lets it. */
const rmp_make_private = (k: Kernel, kvm: Kvm, gfn: number, folio: Folio, also = () => {}) =>
  choose(
    'rmp_make_private()',
    [
      { name: '', cost: 0 },
      { name: 'fails', cost: 1 },
    ].slice(0, k.shape.faults > 0 ? 2 : 1),
    (option) => {
      if (option === 0) {
        assign(k, folio, gfn, asidOf(k, kvm));
        also();
      }
      return option;
    },
  );

/** A failure is warned of, and that is all: the caller goes on as if it had not been. */
const rmp_make_shared = (k: Kernel, folio: Folio) =>
  choose(
    'rmp_make_shared()',
    [
      { name: '', cost: 0 },
      { name: 'fails: WARN', cost: 1 },
    ].slice(0, k.shape.rmpupdateFails ? 2 : 1),
    (option) => {
      if (option === 0) {
        assign(k, folio, NONE);
        rememberGivenBack(k, folio);
      }
      return 0;
    },
  );

function assign(k: Kernel, folio: Folio, gfn: number, asid: number = NONE): void {
  const entry = rmpOf(k, folio);
  entry.assigned = gfn !== NONE;
  entry.gfn = gfn;
  if (entry.asid.length > 0) entry.asid.store(0, asid);
}

/** Folio lock held, and nothing else that another VM or populate would take. */
export const kvm_arch_gmem_prepare = sev(function* sev_gmem_prepare(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  folio: Folio,
) {
  if (k.shape.memory !== 'snp') return 0;
  if (yield* rmp_assigned(k, folio)) return 0;
  return (yield* rmp_make_private(k, kvm, gfn, folio)) === 0 ? 0 : -EINVAL;
});

/** From free_folio: folio lock held, the folio already out of the filemap. */
export const kvm_arch_gmem_invalidate = sev(function* sev_gmem_invalidate(k: Kernel, folio: Folio) {
  if (k.shape.memory !== 'snp') return;
  if (yield* rmp_assigned(k, folio)) yield* rmp_make_shared(k, folio);
});

/** Populate's callback with its error for a page that is already the guest's. */
const postPopulate = (taken: number) =>
  function* sev_gmem_post_populate(k: Kernel, kvm: Kvm, gfn: number, folio: Folio, value: number) {
    if (yield* rmp_assigned(k, folio)) return -taken;
    if (k.shape.mmapWriters) yield* k.read_source();
    yield* step('copy_from_user(page, src)', () => {
      folio.content = value;
    });
    const begun = (): void => rememberHalf(k, folio, 1);
    if ((yield* rmp_make_private(k, kvm, gfn, folio, begun)) !== 0) return -EINVAL;
    const refused = yield* snp_launch_update_firmware(k, kvm, folio);
    if (!refused) return 0;
    yield* step('snp_page_reclaim(); rmp_make_shared()', () => {
      assign(k, folio, NONE);
      rememberHalf(k, folio, 0);
    });
    if (k.shape.cowSource) yield* k.write_back_source();
    return -EIO;
  };

/** The firmware takes no more pages once the launch has finished. */
const snp_launch_update_firmware = (k: Kernel, kvm: Kvm, folio: Folio) =>
  choose(
    'SEV_CMD_SNP_LAUNCH_UPDATE',
    [
      { name: '', cost: 0 },
      { name: 'firmware error', cost: 1 },
    ].slice(0, k.shape.faults > 0 ? 2 : 1),
    (option) => {
      const refused = kvm.launched ? 1 : option;
      if (!refused) rememberHalf(k, folio, 0);
      return refused;
    },
  );

/** Ghost of S14. */
function rememberHalf(k: Kernel, folio: Folio, is: number): void {
  if (k.shape.populates) k.ghost.half_populated.store(k.folios.indexOf(folio), is);
}

/** Until 6.11: a page that is assigned is an invalid argument. */
export const post_populate_einval = sev(postPopulate(EINVAL));
/** Since de80252414f3: it exists already. */
export const post_populate = sev(postPopulate(EEXIST));

/**
 * KVM_SEV_SNP_LAUNCH_UPDATE: whatever populate's error was, user space sees EIO.
 * @returns ret, pages done
 */
export const snp_launch_update = sev(function* snp_launch_update(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  npages: number,
  value: number,
) {
  yield* kvm_lock(kvm);
  yield* slots_lock(kvm);
  const slot = yield* k.gfn_to_memslot(kvm, gfn);
  const can =
    slot !== NONE &&
    (yield* test('kvm_slot_can_be_private(memslot)', () => k.slots[slot]!.can_be_private));
  const count = can ? yield* k.kvm_gmem_populate(kvm, gfn, npages, value) : -EINVAL;
  yield* slots_unlock(kvm);
  yield* kvm_unlock(kvm);
  if (!can) return [-EINVAL, 0] as const;
  return count < 0 ? ([-EIO, 0] as const) : ([0, count] as const);
});

/** KVM_SEV_SNP_LAUNCH_FINISH; `opens` what pre-fault looks at, where there is such a thing. */
const launchFinish = (opens: boolean) =>
  function* snp_launch_finish(_k: Kernel, kvm: Kvm) {
    yield* kvm_lock(kvm);
    const again = yield* test('SEV_CMD_SNP_LAUNCH_FINISH', () => {
      const was = kvm.launched;
      kvm.launched = true;
      return was;
    });
    if (!again && opens)
      yield* step('kvm->arch.pre_fault_allowed = true', () => {
        kvm.pre_fault_allowed = true;
      });
    yield* kvm_unlock(kvm);
    return again ? -EIO : 0;
  };

/** Until 5932ca411e53 nothing but the firmware knows that the launch has finished. */
export const snp_launch_finish_plain = sev(launchFinish(false));
export const snp_launch_finish = sev(launchFinish(true));
