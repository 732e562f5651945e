import { expect, test } from 'vitest';
import { CLOSE, POPULATE, report } from './toy-report.js';

test('a deadlock says who waits for what, who has it, and what each holds', () => {
  const finding = { kind: 'deadlock' } as const;
  expect(report({ closer: CLOSE, launch: POPULATE }, '0 1', { finding })).toBe(`
  closer                          launch
  ------------------------------  -----------------------------------------
  close(gmem_fd)
    mutex_lock(&kvm->slots_lock)
                                  ioctl(KVM_SEV_SNP_LAUNCH_UPDATE)
                                    filemap_invalidate_lock_shared(mapping)

BUG: deadlock: nobody can move.

  closer, in release()
    waits for: filemap_invalidate_lock(mapping) /* held by launch */
    lock:      mapping->invalidate_lock (gmem0.invalidateLock)
    holds:     kvm->slots_lock (gmem0.slotsLock)

  launch, in populate()
    waits for: mutex_lock(&kvm->slots_lock) /* held by closer */
    lock:      kvm->slots_lock (gmem0.slotsLock)
    holds:     mapping->invalidate_lock (gmem0.invalidateLock, shared)
`);
});
