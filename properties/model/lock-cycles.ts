/** memory_failure() takes the folio lock first. */
const CYCLES = ['folio -> mapping->invalidate_lock -> folio'];

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
  if (!protocol.startsWith('P0')) return CYCLES;
  if (protocol === 'P0s+slot') return [];
  // There no fault locks a page of the memfd.
  return protocol.startsWith('P0s+hva')
    ? P0_CYCLES.filter((c) => !c.startsWith('folio'))
    : P0_CYCLES;
}
