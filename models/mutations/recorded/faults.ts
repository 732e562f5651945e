import { step } from '../../../src/core/index.js';
import { EFAULT, ENOENT } from '../../errno.js';
import { NONE } from '../../state/shape.js';
import { RET_PF_EMULATE, RET_PF_INVALID, RET_PF_RETRY } from '../../flows/ret_pf.js';
import { UNTOUCHED } from '../../uapi.js';
import { answered, instead } from '../edit.js';
import type { Mistake } from './mistake.js';

/** Attributes, guest accesses, pre-fault and MMIO. */
export const faultMistakes: readonly Mistake[] = [
  {
    id: 'attributes-do-not-zap',
    base: '6.12',
    why: 'a change of attributes does not zap',
    change: (f) => ({
      kvm_pre_set_memory_attributes: instead(
        f.kvm_pre_set_memory_attributes,
        function* (k, kvm, start, _end, slots, attrs) {
          yield* f.kvm_pre_set_memory_attributes(k, kvm, start, start, slots, attrs);
        },
      ),
    }),
    by: [10001, 'set_attr st.pages_4k'],
  },
  {
    id: 'attributes-same-zap',
    base: '6.12',
    why: 'setting the attributes that are there already zaps too',
    change: (f) => ({
      kvm_vm_set_mem_attributes: answered(
        f.kvm_vm_set_mem_attributes,
        'kvm_range_has_memory_attributes()',
        0,
      ),
    }),
    by: [10000, 'set_attr st.pages_4k'],
  },
  {
    id: 'attributes-zap-changed-only',
    base: '6.12',
    why: 'gfns that keep their attribute keep their SPTEs when a neighbour changes',
    change: (f) => ({
      kvm_vm_set_mem_attributes: instead(
        f.kvm_vm_set_mem_attributes,
        function* (k, kvm, start, end, attrs) {
          for (let gfn = start; gfn < end; gfn++)
            yield* f.kvm_vm_set_mem_attributes(k, kvm, gfn, gfn + 1, attrs);
          return 0;
        },
      ),
    }),
    by: [14, 'set_attr st.pages_4k'],
  },
  {
    id: 'attributes-free-pages',
    base: '6.12',
    why: 'memory that becomes shared is freed',
    change: (f) => ({
      kvm_vm_set_mem_attributes: instead(
        f.kvm_vm_set_mem_attributes,
        function* (k, kvm, start, end, attrs) {
          const r = yield* f.kvm_vm_set_mem_attributes(k, kvm, start, end, attrs);
          if (attrs !== 0) return r;
          for (let gfn = start; gfn < end; gfn++) {
            const slot = yield* k.gfn_to_memslot(kvm, gfn);
            if (slot === NONE) continue;
            const file = yield* step('its file', () => k.slots[slot]!.gmem_file);
            if (file === NONE) continue;
            const index = yield* step(
              'its index',
              () => gfn - k.slots[slot]!.base_gfn + k.slots[slot]!.gmem_pgoff,
            );
            yield* k.truncate_inode_pages_range(k.inodes[file]!, index, index + 1);
          }
          return r;
        },
      ),
    }),
    by: [10042, 'set_attr st.g[0].pop'],
  },
  {
    id: 'attribute-ignored-by-guest',
    base: '6.12',
    why: 'what the guest accesses is taken for shared',
    change: (f) => ({
      kvm_mmu_page_fault: instead(f.kvm_mmu_page_fault, function* (k, vcpu, gfn, write) {
        return yield* f.kvm_mmu_page_fault(k, vcpu, gfn, write, false, true);
      }),
      handle_mmio_page_fault: instead(f.handle_mmio_page_fault, function* (k, kvm, gfn) {
        const r = yield* f.handle_mmio_page_fault(k, kvm, gfn);
        return r === RET_PF_EMULATE ? r : RET_PF_INVALID;
      }),
    }),
    by: [0, 'guest_read mf.flags'],
  },
  {
    id: 'memory-fault-always-private',
    base: '6.12',
    why: 'MEMORY_FAULT always says private',
    change: (f) => ({
      kvm_mmu_prepare_memory_fault_exit: instead(
        f.kvm_mmu_prepare_memory_fault_exit,
        function* (k, vcpu) {
          yield* f.kvm_mmu_prepare_memory_fault_exit(k, vcpu, true);
        },
      ),
    }),
    by: [144, 'guest_read mf.flags'],
  },
  {
    id: 'memory-fault-never-private',
    base: '6.12',
    why: 'MEMORY_FAULT has no flags',
    change: (f) => ({
      kvm_mmu_prepare_memory_fault_exit: instead(
        f.kvm_mmu_prepare_memory_fault_exit,
        function* (k, vcpu) {
          yield* f.kvm_mmu_prepare_memory_fault_exit(k, vcpu, false);
        },
      ),
    }),
    by: [0, 'guest_read mf.flags'],
  },
  {
    id: 'private-without-slot-is-mmio',
    base: '6.12',
    why: 'a private access where there is no slot is MMIO',
    change: (f) => ({
      kvm_mmu_do_page_fault: instead(
        f.kvm_mmu_do_page_fault,
        function* (k, vcpu, gfn, isPrivate, prefetch) {
          const slot = yield* k.gfn_to_memslot(vcpu.kvm, gfn);
          if (slot === NONE && isPrivate) return RET_PF_EMULATE;
          return yield* f.kvm_mmu_do_page_fault(k, vcpu, gfn, isPrivate, prefetch);
        },
      ),
    }),
    by: [0, 'prefault errno'],
  },
  {
    id: 'mmio-spte-goes',
    base: '6.12',
    why: 'an MMIO SPTE goes when it is zapped',
    change: (f) => ({
      handle_mmio_page_fault: instead(f.handle_mmio_page_fault, function* (_k, kvm, gfn) {
        yield* step('forget it', () => kvm.sptes.store(gfn, NONE));
        return RET_PF_RETRY;
      }),
    }),
    by: [111, 'guest_write ret'],
  },
  {
    id: 'mmio-spte-of-any-generation',
    base: '6.12',
    why: 'an MMIO SPTE is good in every generation',
    change: (f) => ({
      handle_mmio_page_fault: instead(f.handle_mmio_page_fault, function* () {
        return RET_PF_EMULATE;
      }),
    }),
    by: [39, 'guest_read st.pages_4k'],
  },
  {
    id: 'mmio-spte-never-good',
    base: '6.12',
    why: 'an MMIO SPTE is never good',
    change: (f) => ({
      handle_mmio_page_fault: instead(f.handle_mmio_page_fault, function* () {
        return RET_PF_INVALID;
      }),
    }),
    by: [111, 'guest_write ret'],
  },
  {
    id: 'mmio-asks-attribute',
    base: '6.12',
    why: 'the attribute is asked where an MMIO SPTE is too old, as in 6.8',
    change: (f) => ({
      kvm_mmu_page_fault: instead(
        f.kvm_mmu_page_fault,
        function* (k, vcpu, gfn, write, isPrivate, rsvd) {
          const r = rsvd ? yield* k.handle_mmio_page_fault(vcpu.kvm, gfn) : RET_PF_INVALID;
          if (r !== RET_PF_INVALID) return r;
          return yield* f.kvm_mmu_page_fault(k, vcpu, gfn, write, isPrivate);
        },
      ),
    }),
    by: [10002, 'guest_read ret'],
  },
  {
    id: 'prefault-is-counted',
    base: '6.12',
    why: 'what a pre-fault maps counts as a fault of the guest',
    change: (f) => ({
      kvm_tdp_map_page: instead(f.kvm_tdp_map_page, function* (k, vcpu, gfn, isPrivate) {
        yield* step('count it', () => vcpu.stat.store(0, vcpu.stat.load(0) + 1));
        return yield* f.kvm_tdp_map_page(k, vcpu, gfn, isPrivate);
      }),
    }),
    by: [0, 'prefault st.pf_taken'],
  },
  {
    id: 'prefault-reports-late-error',
    base: '6.12',
    why: 'a pre-fault that got somewhere reports its error',
    change: (f) => ({
      kvm_vcpu_pre_fault_memory: instead(
        f.kvm_vcpu_pre_fault_memory,
        function* (k, vcpu, gfn, npages) {
          const [r, left, exit, flags] = yield* f.kvm_vcpu_pre_fault_memory(k, vcpu, gfn, npages);
          return [left! > 0 && r === 0 ? -EFAULT : r!, left!, exit!, flags!];
        },
      ),
    }),
    by: [182, 'prefault ret'],
  },
  {
    id: 'prefault-all-left',
    base: '6.12',
    why: 'a pre-fault that ends early does not say where',
    change: (f) => ({
      kvm_vcpu_pre_fault_memory: instead(
        f.kvm_vcpu_pre_fault_memory,
        function* (k, vcpu, gfn, npages) {
          const [r, left, exit, flags] = yield* f.kvm_vcpu_pre_fault_memory(k, vcpu, gfn, npages);
          return [r!, left! > 0 ? npages : 0, exit!, flags!];
        },
      ),
    }),
    by: [10043, 'prefault out.gpa'],
  },
  {
    id: 'prefault-no-exit-data',
    base: '6.12',
    why: 'a pre-fault that succeeds leaves kvm_run alone, whatever the page behind gave',
    change: (f) => ({
      kvm_vcpu_pre_fault_memory: instead(
        f.kvm_vcpu_pre_fault_memory,
        function* (k, vcpu, gfn, npages) {
          const [r, left, exit, flags] = yield* f.kvm_vcpu_pre_fault_memory(k, vcpu, gfn, npages);
          return [r!, left!, r === 0 ? UNTOUCHED : exit!, flags!];
        },
      ),
    }),
    by: [1, 'prefault run_exit'],
  },
  {
    id: 'prefault-no-slot-faults',
    base: '6.12',
    why: 'a pre-fault where there is no slot is EFAULT',
    change: (f) => ({
      kvm_tdp_map_page: instead(f.kvm_tdp_map_page, function* (k, vcpu, gfn, isPrivate) {
        const r = yield* f.kvm_tdp_map_page(k, vcpu, gfn, isPrivate);
        return r === -ENOENT ? -EFAULT : r;
      }),
    }),
    by: [0, 'prefault errno'],
  },
  {
    id: 'prefault-maps-nothing',
    base: '6.12',
    why: 'a pre-fault looks its page up, and does not map it',
    change: (f) => ({
      kvm_arch_vcpu_pre_fault_memory: instead(
        f.kvm_arch_vcpu_pre_fault_memory,
        function* (k, vcpu, gfn) {
          const r = yield* f.kvm_arch_vcpu_pre_fault_memory(k, vcpu, gfn);
          yield* step('zap it', () => {
            if (vcpu.kvm.sptes.load(gfn) >= 0) vcpu.kvm.sptes.store(gfn, NONE);
          });
          return r;
        },
      ),
    }),
    by: [10000, 'prefault st.pages_4k'],
  },
];
