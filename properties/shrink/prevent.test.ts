import { describe, expect, it } from 'vitest';
import { stateOf } from '../../src/check/races/shown.js';
import { readTest } from '../../models/language/index.js';
import { NOTHING_OWN } from '../../models/variants/own.js';
import { committedTest } from '../../src/check/tests.js';
import { hintLines, whyLines } from '../../src/shrink/why-text.js';
import { preventionOf } from '../../src/shrink/prevent.js';
import { shrink } from '../../src/shrink/shrink.js';
import { whyOf } from '../../src/shrink/why.js';
import { byHand } from './by-hand.js';
import { breaksPlainly } from './plain-search.js';

async function prevented(test: string, under: string, property: string) {
  const asked = { named: await stateOf(under), property, maxStates: 100_000 };
  const shrunk = shrink(committedTest(test)!, asked);
  const { hints } = preventionOf(shrunk, whyOf(shrunk)!);
  const isPrevented = (text: string): boolean[] =>
    byHand(asked.named.protocol, text).map((p) => !breaksPlainly(shrunk.least.test, p));
  const breaks = breaksPlainly(shrunk.least.test, asked.named.protocol);
  return { texts: hints.map((h) => h.text), isPrevented, breaks };
}

const SLOTS = 'kvm->slots_lock held across';
const INVALIDATE = 'filemap_invalidate_lock() held across';
const SHARED = 'filemap_invalidate_lock_shared() held across';

/**
 * Of each race what is printed, versions apart, and what would be a hint if it helped. Both are
 * written anew from their texts, and all runs asked, one state after the other.
 */
const RACES: [string, string, string, { hints: string[]; no: string[] }][] = [
  [
    'attribute-vs-fault',
    'snapshot-after-attribute',
    'S7',
    {
      hints: [
        `${SLOTS} kvm_faultin_pfn()`,
        "in kvm_faultin_pfn(), 'kvm_mem_is_private()' once more before " +
          'mmu_invalidate_retry_gfn_unsafe(), else RET_PF_RETRY',
        "in kvm_faultin_pfn(), 'mmu_seq = kvm->mmu_invalidate_seq; smp_rmb()' before " +
          "'kvm_mem_is_private()'",
      ],
      no: [`${INVALIDATE} kvm_faultin_pfn()`, `${SLOTS} is_page_fault_stale()`],
    },
  ],
  ['close-vs-delete-slot', 'P3z', 'S10', { hints: [], no: [`${SLOTS} kvm_gmem_get_file()`] }],
  [
    'prefault-attribute-flips',
    '6.12',
    'condition',
    {
      hints: [`${SLOTS} kvm_arch_vcpu_pre_fault_memory()`],
      no: [`${SLOTS} kvm_faultin_pfn()`, `${INVALIDATE} kvm_faultin_pfn()`],
    },
  ],
  [
    'prefault-vs-delete-slot',
    '6.12',
    'doomed',
    {
      hints: [`${SLOTS} kvm_vcpu_pre_fault_memory()`],
      no: [`${SLOTS} kvm_arch_vcpu_pre_fault_memory()`],
    },
  ],
  [
    'prefault-obsolete-root',
    'P3z',
    'doomed',
    {
      hints: [`${SLOTS} kvm_vcpu_pre_fault_memory()`],
      no: [`${INVALIDATE} kvm_vcpu_pre_fault_memory()`],
    },
  ],
  ['populate-shared', 'P3', 'condition', { hints: [], no: [] }],
  // Here a step that would be earlier is one behind which the function starts over.
  ['tdx-mmap-freed', 'P9', 'S9', { hints: [], no: [`${SLOTS} kvm_tdp_mmu_page_fault()`] }],
  ['conv-vs-host-fault', 'convert-counts-no-references', 'S8', { hints: [], no: [] }],
  [
    'tdx-add-busy',
    'P5',
    'condition',
    { hints: [`${SLOTS} tdx_td_vcpu_init()`], no: [`${INVALIDATE} tdx_td_vcpu_init()`] },
  ],
  [
    'tdx-finalize-vs-punch',
    'P9',
    'S19',
    {
      hints: [
        `${SHARED} tdx_td_finalize()`,
        `${INVALIDATE} tdx_td_finalize()`,
        `${SLOTS} kvm_gmem_invalidate_begin()`,
      ],
      no: [],
    },
  ],
];

describe('what would prevent it', () => {
  it.each(RACES)('%s under %s: %s, and nothing that would not', async (...of) => {
    const [test, under, property, { hints, no }] = of;
    const { texts, isPrevented, breaks } = await prevented(test, under, property);
    expect(breaks).toBe(true);
    expect(texts.filter((text) => !text.includes(' as in '))).toEqual(hints);
    expect(texts.filter((text) => no.includes(text))).toEqual([]);
    for (const text of texts) expect([text, ...new Set(isPrevented(text))]).toEqual([text, true]);
    for (const text of no) expect([text, ...new Set(isPrevented(text))]).toEqual([text, false]);
  });

  it('is, of a witness, what leaves none', async () => {
    const text = `gmem any
{ memory=sw; }
 host                      | other                       ;
 fallocate(ALLOCATE, 0, 1) | fallocate(PUNCH_HOLE, 0, 1) ;
exists (host@kvm_gmem_allocate -> other@kvm_gmem_punch_hole)
`;
    const asked = { named: await stateOf('6.12'), property: 'condition', maxStates: 100_000 };
    const shrunk = shrink(readTest(text, 'any.litmus', NOTHING_OWN), asked);
    expect(shrunk.draft.title).toBe('There is a witness');
    const why = whyOf(shrunk)!;
    expect(whyLines(why, true).join(' ')).toContain('every run with these orders is a witness.');
    // P0 has no such function to come to.
    const { hints } = preventionOf(shrunk, why);
    expect(hints.map((h) => h.text)).toEqual(['vfs_fallocate() as in P0']);
  });

  it('says so where nothing does', () => {
    expect(hintLines({ hints: [], tried: 3 })).toEqual([
      'Hint: nothing that was tried prevents it in this scenario (3 single changes',
      'tried).',
    ]);
  });
});
