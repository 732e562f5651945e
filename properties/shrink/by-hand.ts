import * as locks from '../../models/flows/locks.js';
import { kvm_mem_is_private } from '../../models/flows/mmu.js';
import type { Kernel } from '../../models/kernel.js';
import { instead, type ModelledFunction } from '../../models/mutations/edit.js';
import type { Protocol } from '../../models/protocol.js';
import { protocolById } from '../../models/protocols/index.js';
import { replace } from '../../models/variants/rewrite.js';
import { variant } from '../../models/variants/variant.js';
import type { Flow, Returned } from '../../src/core/flow.js';

type Functions = Record<string, ModelledFunction>;
type Lock = (k: Kernel) => Flow;

const LOCKS: Readonly<Record<string, readonly [take: Lock, drop: Lock]>> = {
  'filemap_invalidate_lock_shared()': [
    (k) => locks.filemap_invalidate_lock_shared(k.inodes[0]!),
    (k) => locks.filemap_invalidate_unlock_shared(k.inodes[0]!),
  ],
  'filemap_invalidate_lock()': [
    (k) => locks.filemap_invalidate_lock(k.inodes[0]!),
    (k) => locks.filemap_invalidate_unlock(k.inodes[0]!),
  ],
  'kvm->slots_lock': [(k) => locks.slots_lock(k.kvm), (k) => locks.slots_unlock(k.kvm)],
};

/** What is changed in one function, each as the text of a hint has it. */
const CHANGES: Readonly<Record<string, (f: Functions) => Functions>> = {
  "in kvm_faultin_pfn(), 'kvm_mem_is_private()' once more before mmu_invalidate_retry_gfn_unsafe(), else RET_PF_RETRY":
    (f) => ({
      kvm_faultin_pfn: replace(
        f.kvm_faultin_pfn!,
        'mmu_invalidate_retry_gfn_unsafe',
        function* (...args: readonly unknown[]) {
          const [k, , , gfn, isPrivate] = args as [Kernel, unknown, number, number, boolean];
          if ((yield* kvm_mem_is_private(k, k.kvm, gfn)) !== isPrivate) return true;
          return yield* k.mmu_invalidate_retry_gfn_unsafe(k.kvm, gfn);
        },
      ),
    }),
  // So it has been since 6.10-rc3.
  "in kvm_faultin_pfn(), 'mmu_seq = kvm->mmu_invalidate_seq; smp_rmb()' before 'kvm_mem_is_private()'":
    () => asIn('6.12', 'kvm_faultin_pfn'),
};

/** The variants, written anew, that the text of a hint asks for: of several versions each. */
export function byHand(base: Protocol, text: string): Protocol[] {
  const changes = CHANGES[text] ?? lockText(text);
  const [, fn, ids] = / ?(\w+)\(\) as in (.*)$/.exec(text) ?? [];
  const all = changes ? [changes] : ids!.split(/, | or /).map((id) => () => asIn(id, fn!));
  return all.map((functions, n) =>
    variant(base, {
      id: `by-hand-${n}`,
      title: text,
      functions: (f) => functions(f as unknown as Functions),
    }),
  );
}

const asIn = (id: string, fn: string): Functions => ({
  [fn]: protocolById(id).functions[fn] as ModelledFunction,
});

function lockText(text: string): ((f: Functions) => Functions) | undefined {
  const [, lock, fn] = /^(.*) held across (\w+)\(\)$/.exec(text) ?? [];
  if (lock === undefined || fn === undefined) return undefined;
  const [take, drop] = LOCKS[lock]!;
  return (f) => ({
    [fn]: instead(f[fn]!, function* (...args): Flow<Returned> {
      const [k] = args as unknown as [Kernel];
      yield* take(k);
      const returned = yield* f[fn]!(...args);
      yield* drop(k);
      return returned;
    }),
  });
}
