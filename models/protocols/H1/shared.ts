import { step } from '../../../src/core/index.js';
import { split_external_spt_shared } from '../../flows/tdx/huge/split_shared.js';
import { to_kvm_tdx } from '../../flows/tdx/seamcalls.js';
import type { Kernel } from '../../kernel.js';
import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import { entryOf, PG_LEVEL_2M, PG_LEVEL_4K } from '../../state/leaves.js';
import type { Vcpu } from '../../state/structs.js';
import { H1 } from './index.js';

const tdx = from('arch/x86/kvm/vmx/tdx.c', 'Re: [RFC PATCH 12/21], Yan Zhao, 2025-05: as weighed');

/** The level is known, the split left to the fault. */
const tdx_check_accept_level = tdx(function* tdx_check_accept_level(
  k: Kernel,
  _vcpu: Vcpu,
  gfn: number,
  level: number,
) {
  if (level !== PG_LEVEL_4K) return 0;
  yield* step('hugepage_set_guest_inhibit()', () =>
    to_kvm_tdx(k).guest_inhibit.store(entryOf(k, gfn, PG_LEVEL_2M).index, 1),
  );
  return 0;
});

/** R24: what RFC v2 11/23 refuses. */
export const H1shared = protocol(H1, {
  id: 'H1-shared',
  title: 'RFC v2, but faults split leaves with mmu_lock held for reading',
  functions: { split_external_spt_shared, tdx_check_accept_level },
});
