import type { Kernel } from '../../models/kernel.js';
import { instead, type ModelledFunction } from '../../models/mutations/edit.js';
import { protocol, type Protocol } from '../../models/protocol.js';
import type { KernelFunction } from '../../models/source.js';
import {
  lock,
  lockShared,
  unlock,
  unlockShared,
  type Flow,
  type Lock,
  type Returned,
} from '../core/index.js';

interface LockKind {
  readonly text: string;
  readonly isShared: boolean;
  readonly of: (k: Kernel) => Lock;
}

/** Locks that may be slept with, so that any function can be called under them. */
export const LOCKS = {
  invalidateShared: {
    text: 'filemap_invalidate_lock_shared()',
    isShared: true,
    of: (k: Kernel) => k.inodes[0]!.invalidate_lock,
  },
  invalidate: {
    text: 'filemap_invalidate_lock()',
    isShared: false,
    of: (k: Kernel) => k.inodes[0]!.invalidate_lock,
  },
  slots: {
    text: 'kvm->slots_lock',
    isShared: false,
    of: (k: Kernel) => k.kvms[0]!.slots_lock,
  },
} as const satisfies Record<string, LockKind>;

export type LockName = keyof typeof LOCKS;

/** A protocol one of whose functions is called with a lock held. */
export function heldAcross(base: Protocol, fn: string, name: LockName): Protocol {
  const kind: LockKind = LOCKS[name];
  const inner = base.functions[fn] as unknown as ModelledFunction | undefined;
  if (!inner) return base;
  const held = instead(inner, function* (...args): Flow<Returned> {
    const [k] = args as unknown as [Kernel];
    const l = kind.of(k);
    yield* kind.isShared ? lockShared(`take ${kind.text}`, l) : lock(`take ${kind.text}`, l);
    const result = yield* inner(...args);
    yield* kind.isShared ? unlockShared(`drop ${kind.text}`, l) : unlock(`drop ${kind.text}`, l);
    return result;
  });
  return withFunction(base, fn, held as unknown as KernelFunction);
}

/** A protocol with another function in place of one of its own, under its old name. */
export function withFunction(base: Protocol, fn: string, other: KernelFunction): Protocol {
  const { id, title } = base;
  return { ...protocol(base, { id, title, functions: { [fn]: other } }), base: base.base };
}
