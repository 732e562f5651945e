import type { Flow, Returned } from '../src/core/index.js';
import type { ConversionFunctions } from './functions/conversion.js';
import type { FileTableFunctions } from './functions/file_table.js';
import type { GuestMemfdFunctions } from './functions/guest_memfd.js';
import type { KvmMainFunctions } from './functions/kvm_main.js';
import type { MemfdFunctions } from './functions/memfd.js';
import type { MmFunctions } from './functions/mm.js';
import type { MmuFunctions } from './functions/mmu.js';
import type { SevFunctions } from './functions/sev.js';
import type { TdxFunctions } from './functions/tdx.js';
import type { X86Functions } from './functions/x86.js';
import type { KernelFunction } from './source.js';

/**
 * Prototypes of the modelled kernel functions, as a header file has them.
 *
 * Conventions: a folio, pfn or slot that is returned is its number; where the
 * kernel returns an ERR_PTR or an error the value is a negative errno. What the
 * kernel returns through pointers comes back in a tuple.
 */
export interface KernelFunctions
  extends
    ConversionFunctions,
    FileTableFunctions,
    GuestMemfdFunctions,
    KvmMainFunctions,
    MemfdFunctions,
    MmFunctions,
    MmuFunctions,
    SevFunctions,
    TdxFunctions,
    X86Functions {}

/** Each prototype as a function that takes the kernel first. */
export type Implementations = {
  [N in keyof KernelFunctions]: KernelFunctions[N] extends (...args: infer A) => Flow<infer T>
    ? [T] extends [Returned]
      ? KernelFunction<A, T>
      : never
    : never;
};
