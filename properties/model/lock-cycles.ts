/** memory_failure() takes the folio lock first. */
const CYCLES = ['folio -> mapping->invalidate_lock -> folio'];

/** Populate faults on its source under the invalidate_lock, until 2a62345b3052; and hosts map. */
const SOURCE_CYCLE = 'folio -> mapping->invalidate_lock -> mm->mmap_lock -> folio';
/** Where a host fault takes the invalidate_lock as well (R19). */
const HOST_FAULT_CYCLE = 'mapping->invalidate_lock -> mm->mmap_lock -> mapping->invalidate_lock';

/** The series of 2021 has others. */
const P0_CYCLES = [
  'kvm->mmu_lock -> kvm->mmu_lock',
  'kvm->mmu_lock -> vcpu->mutex -> kvm->mmu_lock',
  'folio -> kvm->mmu_lock -> folio',
  'folio -> kvm->mmu_lock -> vcpu->mutex -> folio',
  'kvm->mmu_lock -> vcpu->mutex -> mm->mmap_lock -> kvm->mmu_lock',
];

/** What is known of a version's lock order: its cycles, over all tests that it can run. */
export function knownCycles(protocol: string): readonly string[] {
  if (/^(?:C0|H\d)/.test(protocol)) return [...CYCLES, HOST_FAULT_CYCLE, SOURCE_CYCLE];
  if (/^P[67]/.test(protocol)) return [...CYCLES, SOURCE_CYCLE];
  if (!protocol.startsWith('P0')) return CYCLES;
  if (protocol === 'P0s+slot') return [];
  // There no fault locks a page of the memfd.
  return protocol.startsWith('P0s+hva')
    ? P0_CYCLES.filter((c) => !c.startsWith('folio'))
    : P0_CYCLES;
}
