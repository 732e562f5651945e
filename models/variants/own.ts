import type { Fields, Flow, Returned } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import type { Invariant } from '../scenario.js';
import type { MemoryKind, Shape } from '../state/shape.js';

/** An operation of user space that only this variant has: NAME(NUMBER, ...) in a column. */
export interface OwnOperation {
  /** How it is written, for messages and for `list`: `MY_IOCTL(GFN, PAGES)`. */
  readonly form: string;
  /** The function that it enters. */
  readonly enters: string;
  /** Names of what it returns; unless given, `r` alone. */
  readonly outcome?: readonly string[];
  /** @param vcpu the vCPU of its column, or -1 */
  run(k: Kernel, args: readonly number[], vcpu: number): Flow<Returned>;
}

/** What a variant adds to what can be said and checked. */
export interface Own {
  /** Kinds of memory that are not known otherwise. */
  readonly kinds: readonly MemoryKind[];
  readonly operations: Readonly<Record<string, OwnOperation>>;
  /** Checked in every state beside the known ones, where they apply. */
  readonly invariants: readonly Invariant[];
  /** Cells of its own, as `k.own`; a kind of memory that is not known has no others. */
  readonly state: ((shape: Shape) => Fields) | undefined;
}

export const NOTHING_OWN: Own = { kinds: [], operations: {}, invariants: [], state: undefined };

/** Does it add anything that acts or is looked at? */
export const hasOwnParts = ({ kinds, operations, invariants, state }: Own): boolean =>
  state !== undefined ||
  kinds.length > 0 ||
  invariants.length > 0 ||
  Object.keys(operations).length > 0;

/** What is there already, and more. */
export const addOwn = (base: Own, more: Partial<Own>): Own => ({
  kinds: [...base.kinds, ...(more.kinds ?? [])],
  operations: { ...base.operations, ...more.operations },
  invariants: [...base.invariants, ...(more.invariants ?? [])],
  state: more.state ?? base.state,
});
