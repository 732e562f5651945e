import type { Flow, Returned } from '../src/core/index.js';
import type { Kernel } from './kernel.js';

/** Where a modelled function stands in the kernel. */
export interface Source {
  readonly file: string;
  /** The tree that was read, or the patch that brought it. */
  readonly version: string;
}

/** A part of a function that a variant of it changes. */
export interface Edited {
  /** What the step's label begins with, or the name of the call; undefined = its arguments. */
  readonly label: string | undefined;
  /** Has anybody come to it so far, in this process? */
  isReached: boolean;
  /** And was it another for that? */
  hasEffect: boolean;
  /** What is so as long as it was not. */
  readonly idle: string;
  /** Its stack is where the change was asked for. */
  readonly made: Error;
}

/** A modelled kernel function: takes the kernel, then its own arguments. */
export interface KernelFunction<
  A extends readonly unknown[] = never[],
  T extends Returned = Returned,
> {
  (k: Kernel, ...args: A): Flow<T>;
  source: Source;
  /** Classes of locks and references it returns with, by design. */
  leaves: readonly string[];
  /** In a variant of another function: what differs. */
  edits?: readonly Edited[];
}

/**
 * Marks functions as following a kernel file of some version.
 *
 *     const gmem = from('virt/kvm/guest_memfd.c', 'v6.8');
 *     export const kvm_gmem_get_folio = gmem(function* kvm_gmem_get_folio(k, inode) { ... });
 */
export function from(file: string, version: string) {
  return <A extends readonly unknown[], T extends Returned>(
    fn: (k: Kernel, ...args: A) => Flow<T>,
    leaves: readonly string[] = [],
  ): KernelFunction<A, T> => Object.assign(fn, { source: { file, version }, leaves });
}
