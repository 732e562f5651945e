import type { Implementations } from './functions.js';
import type { KernelFunction } from './source.js';
import { addOwn, NOTHING_OWN, type Own } from './variants/own.js';
import { KNOWN_MEMORY, type MemoryKind } from './state/shape.js';

/** One version of the guest_memfd code: what it changes against another. */
export interface Protocol {
  readonly id: string;
  readonly title: string;
  /** The protocol it was written as a difference from. */
  readonly base: Protocol | undefined;
  /** Kinds of memory that exist in this version. */
  readonly kinds: readonly MemoryKind[];
  /** The functions that this version adds or replaces. */
  readonly changes: Readonly<Record<string, KernelFunction>>;
  /** All functions of this version, the base's included. */
  readonly functions: Readonly<Record<string, KernelFunction>>;
  /** Has a slot with a guest_memfd no other memory, mapped by the host or not? */
  readonly gmemOnly: boolean;
  /** Operations that this version's user interface has not got. */
  readonly lacks: readonly string[];
  /** Can a slot have both a guest_memfd and KVM_MEM_READONLY? */
  readonly readonlyGmem: boolean;
  /** Does the S-EPT hold a reference to each page it maps? */
  readonly septHoldsPages: boolean;
  /** Operations, invariants and cells that only it has. */
  readonly own: Own;
  /** Kinds of memory that have huge pages of guest_memfd, and huge leaves that map them. */
  readonly hugePages: readonly MemoryKind[];
}

export interface Difference {
  readonly id: string;
  readonly title: string;
  readonly kinds?: readonly MemoryKind[];
  readonly gmemOnly?: boolean;
  readonly functions?: Partial<Implementations>;
  readonly lacks?: readonly string[];
  readonly readonlyGmem?: boolean;
  readonly septHoldsPages?: boolean;
  readonly own?: Partial<Own>;
  readonly hugePages?: readonly MemoryKind[];
}

const newKinds = ({ kinds = [] }: Difference): MemoryKind[] =>
  kinds.filter((kind) => !(KNOWN_MEMORY as readonly string[]).includes(kind));

/** The same, where there is nothing new: tests are read again for who brings something along. */
function ownOf(base: Own, difference: Difference): Own {
  const kinds = newKinds(difference);
  const isSame = difference.own === undefined && kinds.length === 0;
  return isSame ? base : addOwn(base, { ...difference.own, kinds });
}

/** Declares a protocol as its difference from `base`. */
export function protocol(base: Protocol | undefined, difference: Difference): Protocol {
  const changes = (difference.functions ?? {}) as Record<string, KernelFunction>;
  return {
    id: difference.id,
    title: difference.title,
    base,
    kinds: difference.kinds ?? base?.kinds ?? [],
    gmemOnly: difference.gmemOnly ?? base?.gmemOnly ?? false,
    changes,
    functions: { ...base?.functions, ...changes },
    lacks: difference.lacks ?? base?.lacks ?? [],
    own: ownOf(base?.own ?? NOTHING_OWN, difference),
    readonlyGmem: difference.readonlyGmem ?? base?.readonlyGmem ?? false,
    septHoldsPages: difference.septHoldsPages ?? base?.septHoldsPages ?? false,
    hugePages: difference.hugePages ?? base?.hugePages ?? [],
  };
}
