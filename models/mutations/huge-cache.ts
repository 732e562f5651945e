import { again } from '../../src/core/index.js';
import { EIO } from '../errno.js';
import { blockAndTrack, tdh_mem_page_demote } from '../flows/tdx/huge/sept.js';
import { alloc_pamt_array } from '../flows/tdx/huge/split_v3.js';
import { TDX_SUCCESS } from '../flows/tdx/seamcalls.js';
import { KVM_BUG_ON, withoutVcpus } from '../flows/tdx/sept.js';
import type { Implementations } from '../functions.js';
import type { Kernel } from '../kernel.js';
import type { Kvm } from '../state/structs.js';
import { instead, isNamed, without } from './edit.js';
import { by, type Mutation } from './mutation.js';

type Root = Implementations['tdp_mmu_split_huge_pages_root'];

/** Behind a top-up the leaf is looked at again, the cache is not. */
const askedOnce = (root: Root): Root => {
  const asksNoMore = without(root, ['need_topup_external_split_cache'], () => 0);
  return instead(
    root,
    function* (k: Kernel, kvm: Kvm, gfn: number, allocated = false, isToppedUp: boolean = false) {
      const inner = (isToppedUp ? asksNoMore : root)(k, kvm, gfn, allocated);
      let toppedUp = isToppedUp;
      let result = inner.next();
      while (!result.done) {
        const request = result.value;
        if (request.kind === 'again') return yield* again(kvm, gfn, true, toppedUp);
        toppedUp ||= isNamed(request, 'topup_external_split_cache');
        result = inner.next(yield request);
      }
      return result.value;
    },
  );
};

/** One pair for both tries. */
const keepingItsPair = function* (k: Kernel, kvm: Kvm, gfn: number) {
  if (!(yield* blockAndTrack(k, kvm, gfn))) return -EIO;
  for (const of of ['tdx_pamt_get(new_sept_page)', 'tdh_mem_page_demote()'])
    if (!(yield* alloc_pamt_array(k, of))) yield* KVM_BUG_ON(k, 'no PAMT pages');
  const err = yield* withoutVcpus(k, () => tdh_mem_page_demote(k, gfn));
  if (err === TDX_SUCCESS) return 0;
  yield* KVM_BUG_ON(k, 'TDH_MEM_PAGE_DEMOTE failed');
  return -EIO;
};

/** What a split takes its PAMT pages from. */
export const hugeCache: readonly Mutation[] = [
  {
    id: 'split-cache-asked-once',
    base: 'H2',
    why: 'who has topped up the cache for its split does not ask, behind the lock, whether it is full',
    change: (f) => ({
      tdp_mmu_split_huge_pages_root: askedOnce(f.tdp_mmu_split_huge_pages_root),
    }),
    caught: by('S19', 'huge-split-cache'),
  },
  {
    id: 'split-cache-never-topped-up',
    base: 'H2',
    why: 'a split does not ask whether the cache has enough pages',
    change: (f) => ({
      tdp_mmu_split_huge_pages_root: without(
        f.tdp_mmu_split_huge_pages_root,
        ['need_topup_external_split_cache'],
        () => 0,
      ),
    }),
    caught: by('S19', 'huge-split-cache'),
  },
  {
    id: 'demote-keeps-its-pair',
    base: 'H2',
    why: 'TDH.MEM.PAGE.DEMOTE is tried again with the PAMT pages of the first try',
    change: (f) => ({
      tdx_sept_split_private_spt: instead(f.tdx_sept_split_private_spt, keepingItsPair),
    }),
    caught: {
      test: 'huge-demote-busy',
      mends: 'RFC v2 22/23 takes the pages before the first try',
    },
  },
];
