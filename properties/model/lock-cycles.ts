/** memory_failure() takes the folio lock first. */
const CYCLES = ['folio -> mapping->invalidate_lock -> folio'];

/** The series of 2021 has others. */
const P0_CYCLES = [
  'kvm->mmu_lock -> kvm->mmu_lock',
  'kvm->mmu_lock -> vcpu->mutex -> kvm->mmu_lock',
  'folio -> kvm->mmu_lock -> folio',
  'folio -> kvm->mmu_lock -> vcpu->mutex -> folio',
];

/** What is known of a version's lock order: its cycles, over all tests that it can run. */
export function knownCycles(protocol: string): readonly string[] {
  if (!protocol.startsWith('P0')) return CYCLES;
  return protocol === 'P0s+slot' ? [] : P0_CYCLES;
}
