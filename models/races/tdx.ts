import type { Race } from './race.js';

/** TDs: SEAMCALLs that find the module's locks taken, and retries that nobody else sees. */
export const tdxRaces: readonly Race[] = [
  {
    id: 'td-prefaulted-before-finalized',
    kind: 'race',
    what: 'A pre-fault of a TD that is not runnable counts a page that nobody will add.',
    source: 'arch/x86/kvm/vmx/tdx.c, tdx_td_finalize(): pre_fault_allowed',
    breaks: { test: 'tdx-r08-prefault-before-finalize', under: 'P5-allowed', property: 'S19' },
    mended: {
      test: 'tdx-r08-prefault-before-finalize',
      under: 'P5',
      by: 'pre_fault_allowed, set behind the state',
    },
  },
  {
    id: 'td-retries-on-dying-slot',
    kind: 'race',
    what: 'A TD retries its fault on an INVALID slot in the section that the deletion waits for.',
    source: '2bc2694fe20b (6.18)',
    breaks: { test: 'tdx-r11-retry-vs-delete-slot', under: 'P5', property: 'doomed' },
    mended: {
      test: 'tdx-r11-retry-vs-delete-slot',
      under: 'P6',
      by: '2bc2694fe20b: no local retry where the slot is INVALID',
    },
  },
  {
    id: 'zap-finds-entry-busy',
    kind: 'race',
    what: 'A zap, which must not fail, finds the S-EPT entry in the hands of a guest that accepts.',
    source: '4b2abc49712b',
    breaks: { test: 'tdx-r32-zap-vs-accept', under: 'P5-kick', property: 'S19' },
    mended: {
      test: 'tdx-r32-zap-vs-accept',
      under: 'P5',
      by: '4b2abc49712b: vCPUs are kept out of the TD, and the SEAMCALL tried again',
    },
  },
  {
    id: 'track-finds-td-busy',
    kind: 'race',
    what: 'TDH.MEM.TRACK meets a vCPU that enters under zero-step mitigation.',
    source: '4b2abc49712b',
    breaks: { test: 'tdx-r32-track-vs-enter', under: 'P5-kick', property: 'S19' },
    mended: { test: 'tdx-r32-track-vs-enter', under: 'P5', by: '4b2abc49712b' },
  },
  {
    id: 'zero-step-starves-faults',
    kind: 'race',
    what: 'vCPUs enter with their faults unresolved, and so keep each other from resolving them.',
    source: 'arch/x86/kvm/vmx/tdx.c, tdx_handle_ept_violation(): the local retry',
    breaks: { test: 'tdx-r33-zero-step', under: 'P5-retry', property: 'livelock' },
    mended: { test: 'tdx-r33-zero-step', under: 'P5', by: 'retrying without TDH.VP.ENTER' },
  },
  {
    id: 'vcpu-init-against-zap',
    kind: 'race',
    what: "TDH.VP.INIT has the TD's root exclusively when a hole is punched.",
    source: 'arch/x86/kvm/vmx/tdx.c, tdx_td_vcpu_init(); TDX post-populate cleanups, 2025-10',
    breaks: { test: 'tdx-r34-init-vcpu-vs-punch', under: 'P6', property: 'S19' },
    mended: {
      test: 'tdx-r34-init-vcpu-vs-punch',
      under: 'P7',
      by: 'kvm->lock, all vCPU mutexes and slots_lock around it',
    },
  },
  {
    id: 'two-zaps-one-epoch',
    kind: 'race',
    what: 'Two zappers TRACK one behind the other, while a vCPU is of the epoch before.',
    source: 'arch/x86/kvm/vmx/tdx.c, tdx_track(): mmu_lock is held for writing',
    breaks: { test: 'tdx-r35-two-zaps', under: 'P5-shared', property: 'S19' },
    mended: { test: 'tdx-r35-two-zaps', under: 'P5', by: 'mmu_lock, held for writing' },
  },
];
