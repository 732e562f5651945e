import type { TraceStep } from '../src/core/trace.js';
import type { ValueNames } from '../src/report/values.js';
import { resultName } from '../src/errno.js';
import { EPT_VIOLATION, EXIT_OF } from './exits.js';
import {
  KVM_EXIT_FAIL_ENTRY,
  KVM_EXIT_IO,
  KVM_EXIT_MEMORY_ERROR,
  KVM_EXIT_MEMORY_FAULT,
  KVM_EXIT_MMIO,
  KVM_EXIT_UNKNOWN,
  SIGBUS,
} from './uapi.js';

const EXITS: Readonly<Record<number, string>> = {
  [KVM_EXIT_UNKNOWN]: 'UNKNOWN',
  [KVM_EXIT_IO]: 'IO',
  [KVM_EXIT_MMIO]: 'MMIO',
  [KVM_EXIT_FAIL_ENTRY]: 'FAIL_ENTRY',
  [KVM_EXIT_MEMORY_ERROR]: 'MEMORY_ERROR',
  [KVM_EXIT_MEMORY_FAULT]: 'MEMORY_FAULT',
};

/** What SEAMCALLs return: see flows/tdx/seamcalls.ts. */
const STATUS: Readonly<Record<number, string>> = {
  0: '',
  1: '= TDX_OPERAND_BUSY',
  2: '= TDX_EPT_ENTRY_STATE_INCORRECT',
  3: '= TDX_TLB_TRACKING_NOT_DONE',
  4: '',
};

/** What KVM_SET_USER_MEMORY_REGION2 finds that it is to do: see flows/memslots.ts. */
const CHANGES: Readonly<Record<number, string>> = {
  [-1000]: '= KVM_MR_CREATE',
  [-1001]: '= KVM_MR_FLAGS_ONLY',
  [-1002]: '= KVM_MR_MOVE',
};

/** Steps whose value says nothing to a reader, or that the label says already. */
const SILENT =
  /^(kvm->mmu_invalidate_in_progress\+\+|list_for_each|xa_for_each|xa_find|gfn_range|index = |slot->(base_gfn|npages)|run->|max\(|min\(|kvm_for_each|tdp_mmu_zap|inode of|gfn = |i_size_read)/;

/** Names of what steps and operations of this model give. */
export const valueNames: ValueNames = {
  observed: (step: TraceStep) => {
    if (step.label.startsWith('old = id_to_memslot()')) return CHANGES[step.observed];
    if (step.label.startsWith('TDH.M')) return STATUS[step.observed];
    if (step.label.startsWith('vcpu_enter_guest(): IN_GUEST_MODE'))
      return step.observed < 0 ? EXIT_OF[step.observed] : '';
    if (step.label.startsWith('tdx_vcpu_run(): TDG'))
      return step.observed < 0 ? EXIT_OF[step.observed] : '';
    if (step.label.startsWith('vcpu_enter_guest(): guest page walk'))
      return step.observed < 0 ? EXIT_OF[step.observed] : '';
    if (step.label.startsWith('guest '))
      return step.observed === EPT_VIOLATION
        ? 'kicked: TLB flushed'
        : `= ${wordName(step.observed)}`;
    if (/^(vcpu_enter_guest|tdx_vcpu_run)\(\)/.test(step.label))
      return EXIT_OF[step.observed] ?? `= ${wordName(step.observed)}`;
    if (/^user: (read|write) mapping/.test(step.label))
      return step.observed === -2 ? 'no PTE: fault' : `= ${wordName(step.observed)}`;
    return SILENT.test(step.label) ? '' : undefined;
  },
  result: (_actor, field, value) => {
    if (field === 'exit') return EXITS[value];
    if (field === 'v') return wordName(value);
    if (field !== 'r') return undefined;
    return value === SIGBUS ? 'SIGBUS' : resultName(value);
  },
};

const wordName = (value: number): string => (value === -1 ? 'stale host data' : String(value));
