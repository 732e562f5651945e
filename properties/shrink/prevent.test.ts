import { describe, expect, it } from 'vitest';
import { invariants } from '../../models/invariants/index.js';
import type { Protocol } from '../../models/protocol.js';
import { buildWorld } from '../../models/world.js';
import { stateOf } from '../../src/check/races/shown.js';
import { committedTest } from '../../src/check/tests.js';
import { Machine } from '../../src/core/machine.js';
import { ContextBoundedSearch } from '../../src/explore/contexts.js';
import { hintLines } from '../../src/shrink/why-text.js';
import { preventionOf, type Prevention } from '../../src/shrink/prevent.js';
import { shrink, type Shrunk } from '../../src/shrink/shrink.js';
import { whyOf } from '../../src/shrink/why.js';

interface Found extends Prevention {
  readonly shrunk: Shrunk;
}

async function prevented(test: string, under: string, property: string): Promise<Found> {
  const asked = { named: await stateOf(under), property, maxStates: 100_000 };
  const shrunk = shrink(committedTest(test)!, asked);
  return { ...preventionOf(shrunk, whyOf(shrunk)!), shrunk };
}

/** Each hint by another search, which goes by contexts. */
function expectTrue({ hints, shrunk }: Found): void {
  const { scenario, condition } = shrunk.least.test;
  const verdictIn = (protocol: Protocol): string => {
    const { world } = buildWorld(scenario, protocol, invariants, condition);
    return new ContextBoundedSearch(new Machine(world), { maxStates: 100_000 }).run().verdict;
  };
  expect(verdictIn(shrunk.asked.named.protocol)).toBe('violated');
  for (const { changed, text } of hints) expect(verdictIn(changed), text).toBe('holds');
}

describe('what would prevent it', () => {
  it('a function as the version has it that mended it', async () => {
    const found = await prevented('close-vs-delete-slot', 'P1', 'S10');
    expect(found.hints.map((h) => h.text)).toEqual(['kvm_gmem_unbind() as in 6.12 or P9']);
    expect(found.tried).toBeGreaterThan(20);
    expectTrue(found);
  });

  it('a lock held, a check once more, two steps the other way round', async () => {
    const found = await prevented('attribute-vs-fault', 'snapshot-after-attribute', 'S7');
    expect(found.hints.map((h) => h.text)).toEqual([
      'kvm->slots_lock held across kvm_faultin_pfn()',
      "in kvm_faultin_pfn(), 'kvm_mem_is_private()' once more before " +
        'mmu_invalidate_retry_gfn_unsafe(), else RET_PF_RETRY',
      "in kvm_faultin_pfn(), 'mmu_seq = kvm->mmu_invalidate_seq; smp_rmb()' before " +
        "'kvm_mem_is_private()'",
      'kvm_faultin_pfn() as in P1, P1a, P2-early or P6',
    ]);
    expectTrue(found);
  });

  it('says so where nothing does', () => {
    expect(hintLines({ hints: [], tried: 3 })).toEqual([
      'Hint: nothing that was tried prevents it in this scenario (3 single changes',
      'tried).',
    ]);
  });
});
