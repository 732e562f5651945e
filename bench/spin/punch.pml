/* PUNCH_HOLE of all pages against faults, under SNP: as of 6.12. */
#define PUNCH
#define SNP
#include "memory.pml"
#include "invariants.pml"
#include "filemap.pml"
#include "gmem.pml"
#include "mmu.pml"
#include "vcpu.pml"
#include "invalidate.pml"
#include "truncate.pml"

active [HOSTS] proctype host_thread()
{
	byte op;
	INVALIDATE_LOCALS
	TRUNCATE_LOCALS

	/* kvm_gmem_punch_hole() */
	do
#ifdef NO_INVALIDATE_LOCK
	:: step;
#else
	:: d_step { invalidate_lock == 0 -> invalidate_lock = _pid + 1 };
#endif
	   step;				/* list_for_each_entry(gmem) */

	   /* kvm_gmem_invalidate_begin() */
	   step;				/* xa_for_each_range(&gmem->bindings) */
	   KVM_MMU_LOCK();
	   kvm_mmu_invalidate_begin();
	   step;				/* gfn_range.start */
	   step;				/* gfn_range.end */
	   kvm_mmu_invalidate_range_add(0, PAGES);
	   kvm_unmap_gfn_range();
	   KVM_MMU_UNLOCK();

	   truncate_inode_pages_range();

	   /* kvm_gmem_invalidate_end() */
truncated:
	   step;				/* xa_find(&gmem->bindings) */
	   KVM_MMU_LOCK();
	   kvm_mmu_invalidate_end();
	   KVM_MMU_UNLOCK();

	   if					/* filemap_invalidate_unlock(mapping) */
	   :: d_step { op < CHANGES - 1 -> invalidate_lock = 0; op++; check() }
	   :: d_step { op == CHANGES - 1 -> invalidate_lock = 0; op++; check() } -> break
	   fi
	od;
	end: false
}
