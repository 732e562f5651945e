import { describe, expect, it } from 'vitest';
import { hintLines } from '../../src/shrink/why-text.js';
import { preventionOf, type Prevention } from '../../src/shrink/prevent.js';
import { shrink } from '../../src/shrink/shrink.js';
import { subjectOf } from '../../src/shrink/subject.js';
import { whyOf } from '../../src/shrink/why.js';

async function prevented(test: string, protocol: string): Promise<Prevention> {
  const subject = await subjectOf(test, protocol, 100_000);
  const shrunk = shrink(subject.test, subject.asked);
  return preventionOf(shrunk, whyOf(shrunk)!);
}

describe('what would prevent it', () => {
  it('a function as the version has it that mended it', async () => {
    const { hints, tried } = await prevented('close-vs-delete-slot', 'P1');
    expect(hints).toEqual([{ fn: 'kvm_gmem_unbind', text: 'kvm_gmem_unbind() as in 6.12 or P9' }]);
    expect(tried).toBeGreaterThan(20);
  });

  it('a lock held across what must not be cut in two', async () => {
    const { hints } = await prevented('prep-4-page-left-in-hole', '6.12');
    expect(hints.map((h) => h.text)).toContain(
      'filemap_invalidate_lock_shared() held across filemap_grab_folio()',
    );
  });

  it('says so where nothing does', () => {
    expect(hintLines({ hints: [], tried: 3 })).toEqual([
      'Hint: nothing that was tried prevents it in this scenario (3 single changes',
      'tried).',
    ]);
  });
});
