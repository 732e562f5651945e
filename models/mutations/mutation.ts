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
  /** Other versions that it is made on too; unless given, all in which the test may tell. */
  readonly only?: readonly string[];
  /** Versions in which the code is another, so that it would be another change, or none. */
  readonly except?: readonly string[];
}

/** The committed test whose verdict changes and what breaks there, or why none does. */
export type Caught =
  | {
      readonly test: string;
      readonly property: string;
      /** Where there is no SNP yet. */
      readonly sw: string | undefined;
    }
  | { readonly test: string; readonly mends: string }
  | { readonly equivalent: string };

/** A test that no longer says what it expects, and the property that breaks. */
export const by = (property: string, test: string, sw?: string): Caught => ({
  test,
  property,
  sw,
});

/** The functions of another version. */
export const of = (protocol: string): Implementations =>
  protocolById(protocol).functions as unknown as Implementations;

/** The protocol that a mutation makes of its base, or of another version. */
export function variantOf({ id, base, why, change }: Mutation, version = base): Protocol {
  const from = protocolById(version);
  return protocol(from, { id: `${version}~${id}`, title: why, functions: change(of(version)) });
}

/** Versions with other code for nearly everything. */
export const SERIES_OF_2021 = ['P0', 'P0+stale', 'P0s', 'P0s+slot'] as const;

/** Steps by the labels they have: what a lock is taken and given up with. */
export const INVALIDATE_LOCK = ['filemap_invalidate_lock(', 'filemap_invalidate_unlock('] as const;
export const MMU_LOCK = ['write_lock(&kvm->mmu_lock)', 'write_unlock(&kvm->mmu_lock)'] as const;
export const MMU_READ_LOCK = ['read_lock(&kvm->mmu_lock)', 'read_unlock(&kvm->mmu_lock)'] as const;
export const SLOTS_LOCK = [
  'mutex_lock(&kvm->slots_lock)',
  'mutex_unlock(&kvm->slots_lock)',
] as const;
export const SRCU = ['srcu_read_lock(&kvm->srcu)', 'srcu_read_unlock(&kvm->srcu)'] as const;
