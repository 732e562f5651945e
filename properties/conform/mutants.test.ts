import { describe, expect, it } from 'vitest';
import { step, test } from '../../src/core/index.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from '../../models/flows/locks.js';
import { RET_PF_EMULATE, RET_PF_INVALID, RET_PF_RETRY } from '../../models/flows/ret_pf.js';
import type { Kernel } from '../../models/kernel.js';
import { protocol, type Difference } from '../../models/protocol.js';
import { v6_12 } from '../../models/protocols/v6_12.js';
import { kvm_gmem_punch_hole } from '../../models/protocols/P1/guest_memfd.js';
import { from } from '../../models/source.js';
import { NONE } from '../../models/state/shape.js';
import type { Folio, GmemFile, Inode, Kvm, Slot, Vcpu } from '../../models/state/structs.js';
import { KVM_EXIT_MEMORY_FAULT } from '../../models/uapi.js';
import { differing } from './recordings.js';

const wrong = from('a mistake', 'of this test');

/** Mistakes that a model of 6.12 could have, and the fields that may give them away. */
const mutants: Record<string, { functions: Difference['functions']; fields: string[] }> = {
  'a punch removes nothing': {
    functions: { truncate_inode_pages_range: wrong(function* () {}) },
    fields: ['st.g[0].pop'],
  },
  'the second half of a hole stays': {
    functions: {
      kvm_gmem_punch_hole: wrong(function* (k: Kernel, inode: Inode, start: number, end: number) {
        return yield* kvm_gmem_punch_hole(k, inode, start, Math.ceil((start + end) / 2));
      }),
    },
    fields: ['st.g[0].pop', 'st.pages_4k'],
  },
  'a punch does not zap': {
    functions: {
      kvm_gmem_invalidate_begin: wrong(function* (
        k: Kernel,
        file: GmemFile,
        start: number,
        end: number,
      ) {
        const bound = yield* test('xa_find()', () => isBound(file, start, end));
        if (bound) yield* k.kvm_mmu_invalidate_begin(k.kvm);
      }),
    },
    fields: ['st.pages_4k', 'end'],
  },
  'a change of attributes does not zap': {
    functions: {
      kvm_pre_set_memory_attributes: wrong(function* (
        k: Kernel,
        kvm: Kvm,
        _start: number,
        _end: number,
        slots: number,
      ) {
        if (slots === 0) return;
        yield* KVM_MMU_LOCK(kvm);
        yield* k.kvm_mmu_invalidate_begin(kvm);
        yield* KVM_MMU_UNLOCK(kvm);
      }),
    },
    fields: ['st.pages_4k'],
  },
  'a deleted slot keeps its mappings': {
    functions: { kvm_arch_flush_shadow_memslot: wrong(function* () {}) },
    fields: ['st.pages_4k'],
  },
  'a deleted slot takes the mappings of all others along': {
    functions: {
      kvm_arch_flush_shadow_memslot: wrong(function* (k: Kernel, kvm: Kvm) {
        yield* k.kvm_unmap_gfn_range(kvm, 0, k.shape.gfns);
      }),
    },
    fields: ['st.pages_4k'],
  },
  'a deleted slot keeps its bindings': {
    functions: { kvm_gmem_unbind: wrong(function* () {}) },
    fields: ['ret', 'errno', 'exit'],
  },
  'an MMIO SPTE goes when it is zapped': {
    functions: {
      handle_mmio_page_fault: wrong(function* (_k: Kernel, kvm: Kvm, gfn: number) {
        yield* step('forget it', () => kvm.sptes.store(gfn, NONE));
        return RET_PF_RETRY;
      }),
    },
    fields: ['ret', 'mf.flags'],
  },
  'an MMIO SPTE is good in every generation': {
    functions: {
      handle_mmio_page_fault: wrong(function* () {
        return RET_PF_EMULATE;
      }),
    },
    fields: ['ret', 'st.pages_4k'],
  },
  'an MMIO SPTE is never good': {
    functions: {
      handle_mmio_page_fault: wrong(function* () {
        return RET_PF_INVALID;
      }),
    },
    fields: ['ret'],
  },
  'MEMORY_FAULT always says private': {
    functions: {
      kvm_mmu_prepare_memory_fault_exit: wrong(function* (_k: Kernel, vcpu: Vcpu) {
        yield* step('run->exit_reason', () => {
          vcpu.run_exit_reason = KVM_EXIT_MEMORY_FAULT;
          vcpu.run_flags = 8;
        });
      }),
    },
    fields: ['mf.flags'],
  },
  'a folio is not cleared': {
    functions: {
      kvm_gmem_prepare_folio: wrong(function* (
        k: Kernel,
        _inode,
        _slot: Slot,
        _index: number,
        folio: Folio,
      ) {
        yield* k.kvm_gmem_mark_prepared(folio);
        return 0;
      }),
    },
    fields: ['got'],
  },
  'a pre-fault that got somewhere reports its error': {
    functions: {
      kvm_vcpu_pre_fault_memory: wrong(function* (
        k: Kernel,
        vcpu: Vcpu,
        gfn: number,
        npages: number,
      ) {
        let done = 0;
        let r = 0;
        while (done < npages && r === 0) {
          const mapped = yield* k.kvm_arch_vcpu_pre_fault_memory(vcpu, gfn + done);
          if (mapped < 0) r = mapped;
          else done += mapped;
        }
        const exit = yield* step('run->exit_reason', () => vcpu.run_exit_reason);
        return [r, npages - done, exit, 0] as const;
      }),
    },
    fields: ['ret'],
  },
};

function isBound(file: GmemFile, start: number, end: number): boolean {
  for (let i = start; i < Math.min(end, file.bindings.length); i++)
    if (file.bindings.load(i) !== NONE) return true;
  return false;
}

describe('the recordings tell a wrong model', () => {
  it.each(Object.entries(mutants))('%s', (title, { functions, fields }) => {
    const found = differing(protocol(v6_12, { id: 'wrong', title, functions: functions! }));
    expect(found.length).toBeGreaterThan(0);
    expect(fields).toEqual(
      expect.arrayContaining([...new Set(found.map((c) => c.difference!.field))]),
    );
  });

  it('and a difference says where it is, what was recorded and what the model did', () => {
    const { functions } = mutants['a punch removes nothing']!;
    const [first] = differing(protocol(v6_12, { id: 'wrong', title: '', functions: functions! }));
    const { line, operation, op, field, expected, got } = first!.difference!;
    expect([op, field]).toEqual(['fallocate', 'st.g[0].pop']);
    expect(line).toBeGreaterThan(operation);
    expect(expected).toMatch(/^[01]{8}$/);
    expect(got).toMatch(/^[01]{8}$/);
    expect(got).not.toBe(expected);
  });
});
