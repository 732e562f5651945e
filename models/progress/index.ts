import type { Progress } from './progress.js';

export const progress: readonly Progress[] = [
  {
    id: 'L1',
    statement:
      'nobody waits for ever: neither for a lock, nor for the readers of kvm->srcu, nor for ' +
      'vCPUs to leave the guest',
    source: 'Documentation/virt/kvm/locking.rst; virt/kvm/kvm_main.c, kvm_swap_active_memslots()',
    asked: [
      { test: 'prefault-vs-delete-slot', under: 'P9' },
      { test: 'populate-vs-punch', under: '6.12' },
      { test: 'tdx-fault-vs-punch', under: 'P9' },
    ],
    broken: [
      { test: 'memory-failure-vs-punch', under: '6.12', property: 'deadlock' },
      { test: 'prefault-vs-delete-slot', under: 'prefault-takes-slots-lock', property: 'deadlock' },
      { test: 'prefault-vs-delete-slot', under: '6.12', property: 'doomed' },
      {
        test: 'prefault-vs-delete-slot',
        under: 'prefault-waits-for-dying-slot',
        property: 'doomed',
      },
      { test: 'prefault-vs-delete-slot', under: 'map-memory-retries-inside', property: 'doomed' },
      { test: 'tdx-r32-track-vs-enter', under: 'vcpus-kept-out', property: 'deadlock' },
      { test: 'conv-populate', under: 'populate-asks-the-vm', property: 'deadlock' },
      { test: 'conv-tdx-populate', under: 'populate-by-fault', property: 'deadlock' },
    ],
  },
  {
    id: 'L2',
    statement:
      'a vCPU that faults installs its SPTE, or tells user space why not, once no new ' +
      'invalidation covers its gfn',
    source: 'arch/x86/kvm/mmu/mmu.c, is_page_fault_stale(); 20a6cff3b283',
    asked: [
      { test: 'fault-vs-punch', under: '6.12' },
      { test: 'attribute-vs-fault', under: 'P9' },
      { test: 'prefault-obsolete-root', under: '6.12' },
    ],
    broken: [
      { test: 'fault-vs-punch', under: 'stale-by-old-range', property: 'doomed' },
      { test: 'prefault-obsolete-root', under: 'P3z', property: 'doomed' },
      { test: 'huge-accept-alone', under: 'accept-does-not-split', property: 'doomed' },
      { test: 'ro-slot', under: 'readonly-write-not-emulated', property: 'doomed' },
      { test: 'thp-punch-then-read', under: 'large-entry-not-split', property: 'doomed' },
      { test: 'thp-psmash-in-fault', under: 'rmp-fault-does-not-split', property: 'doomed' },
    ],
  },
  {
    id: 'L3',
    statement:
      'a SEAMCALL that finds the S-EPT busy is tried until it is not: it succeeds once the vCPUs ' +
      'that keep it busy have been kicked out of the guest, or have finished there',
    source: 'arch/x86/kvm/vmx/tdx.c, tdx_no_vcpus_enter_start(), tdx_handle_ept_violation()',
    asked: [
      { test: 'tdx-r33-zero-step', under: 'P9' },
      { test: 'tdx-r32-zap-vs-accept', under: 'P9' },
    ],
    broken: [
      { test: 'tdx-r33-zero-step', under: 'P5-retry', property: 'livelock' },
      { test: 'tdx-r33-zero-step', under: 'fault-retried-in-the-guest', property: 'livelock' },
      { test: 'tdx-r32-track-vs-enter', under: 'vcpus-may-enter', property: 'S19' },
      { test: 'tdx-r32-zap-vs-accept', under: 'P5-kick', property: 'S19' },
    ],
  },
  {
    id: 'L4',
    statement:
      'a conversion to private that is tried again succeeds once nobody else uses the pages: ' +
      'what the kernel itself refers to them with does not stay',
    source: 'virt/kvm/guest_memfd.c, kvm_gmem_is_safe_for_conversion(), lru_add_drain_all()',
    asked: [
      { test: 'conv-retried', under: 'C1' },
      { test: 'conv-lru-batch', under: 'C1' },
    ],
    broken: [
      { test: 'conv-lru-batch', under: 'C1v4', property: 'condition' },
      { test: 'conv-l4-batch', under: 'convert-drains-nothing', property: 'doomed' },
    ],
  },
  {
    id: 'L5',
    statement: 'PUNCH_HOLE returns, however busily vCPUs fault on what it truncates',
    source: 'mm/truncate.c, truncate_inode_pages_range(); d02c357e5bfa',
    asked: [
      { test: 'punch-two-pages', under: 'P9' },
      { test: 'two-faults-vs-two-punches', under: 'P3' },
    ],
    broken: [
      { test: 'punch-two-pages', under: 'P1', property: 'livelock' },
      { test: 'punch-two-pages', under: 'unsafe-check-without-count', property: 'livelock' },
      { test: 'prefault-signal', under: 'no-unsafe-check', property: 'livelock' },
    ],
  },
  {
    id: 'L6',
    statement:
      'when a signal is pending, pre-fault, fallocate(), populate and the local retry of a TD ' +
      'return after the page they are at, whoever waits for them',
    source:
      'virt/kvm/kvm_main.c, kvm_vcpu_pre_fault_memory(); kvm_gmem_allocate(); kvm_gmem_populate()',
    asked: [
      { test: 'signal-prefault', under: '6.12' },
      { test: 'signal-allocate', under: 'P9' },
      { test: 'signal-populate', under: 'P9' },
      { test: 'signal-tdx-populate', under: 'P9' },
      { test: 'signal-tdx-fault', under: 'P5' },
    ],
    broken: [
      { test: 'signal-prefault', under: 'prefault-deaf-to-signals', property: 'doomed' },
      { test: 'signal-allocate', under: 'allocate-deaf-to-signals', property: 'condition' },
      { test: 'signal-populate', under: 'populate-deaf-to-signals', property: 'condition' },
      { test: 'signal-populate', under: 'populate-deaf-to-signals-in-7.0', property: 'condition' },
      { test: 'signal-tdx-fault', under: 'tdx-retry-deaf-to-signals', property: 'doomed' },
    ],
  },
  {
    id: 'L7',
    statement:
      'an access to a gfn that has a slot ends with its memory, private as well as shared, while ' +
      'slot and attribute stay: an MMIO SPTE is no longer met than there is no slot',
    source: 'arch/x86/kvm/mmu/mmu.c, handle_mmio_page_fault(), kvm_mmu_page_fault()',
    asked: [
      { test: 'mmio-stale', under: 'P1' },
      { test: 'mmio-stale-ends', under: '6.12' },
    ],
    broken: [
      { test: 'mmio-stale', under: '6.12', property: 'condition' },
      { test: 'mmio-stale', under: 'P9', property: 'condition' },
      { test: 'mmio-stale', under: 'mmio-fault-is-shared', property: 'condition' },
    ],
  },
];
