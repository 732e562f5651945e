/** Constants of the KVM user interface (include/uapi/linux/kvm.h), 6.12. */

export const KVM_EXIT_UNKNOWN = 0;
export const KVM_EXIT_IO = 2;
export const KVM_EXIT_MMIO = 6;
export const KVM_EXIT_FAIL_ENTRY = 9;
export const KVM_EXIT_MEMORY_FAULT = 39;

/** Exit of the 2021 series, with its two kinds of conversion request. */
export const KVM_EXIT_MEMORY_ERROR = 36;
export const KVM_EXIT_MEM_MAP_SHARED = 1;
export const KVM_EXIT_MEM_MAP_PRIVATE = 2;

export const KVM_MEMORY_EXIT_FLAG_PRIVATE = 8;
export const KVM_MEMORY_ATTRIBUTE_PRIVATE = 8;

/** Content modes of KVM_SET_MEMORY_ATTRIBUTES2, as posted. */
export const KVM_SET_MEMORY_ATTRIBUTES2_ZERO = 1;
export const KVM_SET_MEMORY_ATTRIBUTES2_PRESERVE = 2;

export const KVM_MEM_LOG_DIRTY_PAGES = 1;
export const KVM_MEM_READONLY = 2;
export const KVM_MEM_GUEST_MEMFD = 4;

export const GUEST_MEMFD_FLAG_MMAP = 1;
export const GUEST_MEMFD_FLAG_INIT_SHARED = 2;

export const FALLOC_FL_KEEP_SIZE = 1;
export const FALLOC_FL_PUNCH_HOLE = 2;

/** The signal for an access that no page can be had for, and its si_code. */
export const SIGBUS = 7;
export const BUS_ADRERR = 2;

/** What a run that has not begun shows; the recorder writes the same word. */
export const UNTOUCHED = 255;
