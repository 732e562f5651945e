/**
 * What a guest's access observes instead of a word: why it left. Every one has a number of
 * its own, whatever kind of guest it is of, so that traces can tell it by that.
 */

/** No SPTE, or none that lets it write. */
export const EPT_VIOLATION = -2;
/** The SPTE has reserved bits set: an MMIO SPTE. */
export const EPT_MISCONFIG = -3;
/** TDX: the page waits to be accepted. */
export const EPT_VIOLATION_PENDING = -4;
/** TDX: KVM has given the TD up. */
export const VM_DEAD = -5;
/** TDX: not finalized yet. */
export const NOT_RUNNABLE = -6;
/** TDX_PAGE_SIZE_MISMATCH: no exit, the guest is told. */
export const SIZE_MISMATCH = -7;
/** SNP: the guest was not entered at all. */
export const FAIL_ENTRY = -8;
/** SNP: the RMP entry is larger than the SPTE. */
export const NPF_RMP = -9;
/** SNP: the RMP assigns the page to somebody else than the access asks for. */
export const NPF_RMP_OWNER = -10;

export const EXIT_OF: Readonly<Record<number, string>> = {
  [EPT_VIOLATION]: 'no SPTE: exit',
  [EPT_MISCONFIG]: 'MMIO SPTE: exit',
  [EPT_VIOLATION_PENDING]: 'page not accepted: exit',
  [VM_DEAD]: 'KVM_REQ_VM_DEAD',
  [NOT_RUNNABLE]: 'TD not runnable',
  [SIZE_MISMATCH]: 'TDX_PAGE_SIZE_MISMATCH',
  [FAIL_ENTRY]: 'VMRUN fails',
  [NPF_RMP]: 'RMP entry is larger: exit',
  [NPF_RMP_OWNER]: 'RMP check fails: exit',
};
