import { step } from '../../../src/core/index.js';
import { isInSlot, mapAt } from '../../flows/thp_map.js';
import type { Kernel } from '../../kernel.js';
import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import { folioOf, pagesIn } from '../../state/folios.js';
import { PG_LEVEL_2M, PG_LEVEL_4K } from '../../state/leaves.js';
import type { Kvm } from '../../state/structs.js';
import { P0s } from './index.js';

const mmu = from('arch/x86/kvm/mmu/mmu.c', 'kvm/queue patches v3, 2021-12-23, 14/16');

const isPrivatePfn = (k: Kernel, pfn: number): boolean => pfn < k.shape.folios;

/** fault->max_level is 4K for a page of order 0 of the memfd; for the host's it stays as it is. */
const isOfOrder0 = (k: Kernel, pfn: number): boolean =>
  isPrivatePfn(k, pfn) && pagesIn(k.folios[folioOf(k, pfn)]!) === 1;

/**
 * kvm_mmu_max_mapping_level() with its early return: for a slot that is private nobody asks at
 * which level the host maps the page, whichever page that is.
 */
export const levelOf = (isSmall: (k: Kernel, pfn: number) => boolean) =>
  function kvm_mmu_hugepage_adjust(k: Kernel, kvm: Kvm, gfn: number, pfn: number) {
    return step('kvm_mmu_hugepage_adjust()', () => {
      const { leaf } = k.shape.huge!;
      const isHuge = !isSmall(k, pfn) && isInSlot(k, kvm, gfn - (gfn % leaf), leaf);
      return isHuge ? PG_LEVEL_2M : PG_LEVEL_4K;
    });
  };

/** PRIV-6: vCPUs fault, and nothing is unmapped. */
export const P0levels = protocol(P0s, {
  id: 'P0s+2M',
  title: 'P0s with huge pages in shmem and leaves of 2M: the level is that of the slot',
  hugePages: ['sw'],
  lacks: [...P0s.lacks, 'fallocate', 'madvise', 'munmap'],
  functions: { kvm_tdp_mmu_map: mmu(mapAt(levelOf(isOfOrder0))) },
});

/** 8dd2eee9d526 asks whether the fault is private, v3 whether the slot is. */
export const P0levelsAsked = protocol(P0levels, {
  id: 'P0s+2M+asks',
  title: 'the same, but the host is asked for its level of what is no private page',
  functions: {
    // The host maps its own memory at 4K here.
    kvm_tdp_mmu_map: mmu(mapAt(levelOf((k, pfn) => !isPrivatePfn(k, pfn) || isOfOrder0(k, pfn)))),
  },
});
