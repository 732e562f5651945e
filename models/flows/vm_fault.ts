/** vm_fault_t of include/linux/mm_types.h, negative here: a folio is VM_FAULT_LOCKED with it. */
export const VM_FAULT_OOM = -1;
export const VM_FAULT_SIGBUS = -2;

/** Whether an operation of the host got a page to work on: 0 or one of the above. */
export const VM_FAULT_NONE = 0;
