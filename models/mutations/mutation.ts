import type { Implementations } from '../functions.js';
import { protocol, type Protocol } from '../protocol.js';
import { protocolById } from '../protocols/index.js';

/** One change to one protocol, made on purpose, and what comes of it. */
export interface Mutation {
  readonly id: string;
  readonly base: string;
  /** What is changed, as the title of a patch would say it. */
  readonly why: string;
  readonly change: (f: Implementations) => Partial<Implementations>;
  readonly caught: Caught;
  /** Tests that it is no fair change for. */
  readonly notIn?: readonly string[];
}

/** The committed test whose verdict changes and what breaks there, or why none does. */
export type Caught =
  | { readonly test: string; readonly property: string }
  | { readonly test: string; readonly mends: string }
  | { readonly equivalent: string };

/** A test that no longer says what it expects, and the property that breaks. */
export const by = (property: string, test: string): Caught => ({ test, property });

/** The protocol that a mutation makes. */
export function variantOf({ id, base, why, change }: Mutation): Protocol {
  const from = protocolById(base);
  const functions = change(from.functions as unknown as Implementations);
  return protocol(from, { id: `${base} ${id}`, title: why, functions });
}

/** Steps by the labels they have: what a lock is taken and given up with. */
export const INVALIDATE_LOCK = ['filemap_invalidate_lock(', 'filemap_invalidate_unlock('] as const;
export const MMU_LOCK = ['write_lock(&kvm->mmu_lock)', 'write_unlock(&kvm->mmu_lock)'] as const;
export const MMU_READ_LOCK = ['read_lock(&kvm->mmu_lock)', 'read_unlock(&kvm->mmu_lock)'] as const;
export const SLOTS_LOCK = [
  'mutex_lock(&kvm->slots_lock)',
  'mutex_unlock(&kvm->slots_lock)',
] as const;
export const SRCU = ['srcu_read_lock(&kvm->srcu)', 'srcu_read_unlock(&kvm->srcu)'] as const;
