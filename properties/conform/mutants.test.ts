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
import { differing, sequences } from './recordings.js';

const wrong = from('a mistake', 'of this test');

interface Mutant {
  readonly functions: NonNullable<Difference['functions']>;
  /** Fields that may give it away. */
  readonly fields: readonly string[];
  /** Sequences that do, among others. */
  readonly by: readonly number[];
}

/** Mistakes that a model of 6.12 could have. */
const mutants: Record<string, Mutant> = {
  'a punch removes nothing': {
    functions: { truncate_inode_pages_range: wrong(function* () {}) },
    fields: ['st.g[0].pop'],
    by: [57],
  },
  'the second half of a hole stays': {
    functions: {
      kvm_gmem_punch_hole: wrong(function* (k: Kernel, inode: Inode, start: number, end: number) {
        return yield* kvm_gmem_punch_hole(k, inode, start, Math.ceil((start + end) / 2));
      }),
    },
    fields: ['st.g[0].pop', 'st.pages_4k'],
    by: [25, 121],
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
    by: [182],
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
    by: [10001],
  },
  'a deleted slot keeps its mappings': {
    functions: { kvm_arch_flush_shadow_memslot: wrong(function* () {}) },
    fields: ['st.pages_4k'],
    by: [101],
  },
  'a deleted slot takes the mappings of all others along': {
    functions: {
      kvm_arch_flush_shadow_memslot: wrong(function* (k: Kernel, kvm: Kvm) {
        yield* k.kvm_unmap_gfn_range(kvm, 0, k.shape.gfns);
      }),
    },
    fields: ['st.pages_4k'],
    by: [101],
  },
  'a deleted slot keeps its bindings': {
    functions: { kvm_gmem_unbind: wrong(function* () {}) },
    fields: ['ret', 'errno', 'exit'],
    by: [39],
  },
  'an MMIO SPTE goes when it is zapped': {
    functions: {
      handle_mmio_page_fault: wrong(function* (_k: Kernel, kvm: Kvm, gfn: number) {
        yield* step('forget it', () => kvm.sptes.store(gfn, NONE));
        return RET_PF_RETRY;
      }),
    },
    fields: ['ret', 'mf.flags'],
    by: [111, 144],
  },
  'an MMIO SPTE is good in every generation': {
    functions: {
      handle_mmio_page_fault: wrong(function* () {
        return RET_PF_EMULATE;
      }),
    },
    fields: ['ret', 'st.pages_4k'],
    by: [39, 144],
  },
  'an MMIO SPTE is never good': {
    functions: {
      handle_mmio_page_fault: wrong(function* () {
        return RET_PF_INVALID;
      }),
    },
    fields: ['ret'],
    by: [111],
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
    by: [144],
  },
  'a folio is not cleared': {
    functions: {
      kvm_gmem_prepare_folio: wrong(function* (
        k: Kernel,
        _kvm,
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
    by: [25],
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
    by: [182],
  },
};

function isBound(file: GmemFile, start: number, end: number): boolean {
  for (let i = start; i < Math.min(end, file.bindings.length); i++)
    if (file.bindings.load(i) !== NONE) return true;
  return false;
}

/** All sequences take long: CONFORM_ALL=1 npx vitest run properties/conform/mutants.test.ts. */
const isThorough = Boolean(process.env['CONFORM_ALL']);

const variant = (title: string) =>
  protocol(v6_12, { id: 'wrong', title, functions: mutants[title]!.functions });

describe('the recordings tell a wrong model', () => {
  it.each(Object.keys(mutants))('%s', (title) => {
    const { fields, by } = mutants[title]!;
    const among = sequences.filter((s) => isThorough || by.includes(s.seq));
    const found = differing(variant(title), among);
    expect(found.map((c) => c.sequence)).toEqual(expect.arrayContaining([...by]));
    expect(fields).toEqual(
      expect.arrayContaining([...new Set(found.map((c) => c.difference!.field))]),
    );
  });

  it('and a difference says where it is, what was recorded and what the model did', () => {
    const title = 'a punch removes nothing';
    const among = sequences.filter((s) => mutants[title]!.by.includes(s.seq));
    const [first] = differing(variant(title), among);
    const { line, operation, op, field, expected, got } = first!.difference!;
    expect([op, field]).toEqual(['fallocate', 'st.g[0].pop']);
    expect(line).toBeGreaterThan(operation);
    expect(expected).toMatch(/^[01]{8}$/);
    expect(got).toMatch(/^[01]{8}$/);
    expect(got).not.toBe(expected);
  });
});
