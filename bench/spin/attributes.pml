/* KVM_SET_MEMORY_ATTRIBUTES of all pages, to shared and back, against faults: 6.12, sw. */
#define ATTRIBUTES
#include "memory.pml"
#include "invariants.pml"
#include "filemap.pml"
#include "gmem.pml"
#include "mmu.pml"
#include "vcpu.pml"
#include "invalidate.pml"

#define ATTRS	(op % 2)			/* shared first, then private */

#if PAGES == 1
#define all_equal	(mem_attr_array[0] == ATTRS)
#elif PAGES == 2
#define all_equal	(mem_attr_array[0] == ATTRS && mem_attr_array[1] == ATTRS)
#else
#define all_equal	(mem_attr_array[0] == ATTRS && mem_attr_array[1] == ATTRS && \
			 mem_attr_array[2] == ATTRS)
#endif

/* Does the operation end the program? It does in one step of two places. */
#define slots_unlock_between \
	d_step { op < CHANGES - 1 -> slots_lock = 0; op++; check() }
#define slots_unlock_at_last \
	d_step { op == CHANGES - 1 -> slots_lock = 0; op++; check() }

active [HOSTS] proctype host_thread()
{
	byte op;
	INVALIDATE_LOCALS

	/* kvm_vm_set_mem_attributes() */
	do
	:: d_step { slots_lock == 0 -> slots_lock = _pid + 1 };
	   if					/* kvm_range_has_memory_attributes() */
	   :: all_equal;
	      if
	      :: slots_unlock_between
	      :: slots_unlock_at_last -> break
	      fi
	   :: !all_equal;
	      step;				/* kvm_for_each_memslot_in_gfn_range() */

	      /* kvm_pre_set_memory_attributes() */
	      KVM_MMU_LOCK();
	      kvm_mmu_invalidate_begin();
	      step;				/* max(start, slot->base_gfn) */
	      step;				/* min(end, slot end) */
	      kvm_mmu_invalidate_range_add(0, PAGES);
	      kvm_unmap_gfn_range();
	      KVM_MMU_UNLOCK();

	      do				/* xa_store(&kvm->mem_attr_array) */
	      :: d_step { gfn < LAST -> mem_attr_array[gfn] = ATTRS; gfn++; check() }
	      :: d_step { gfn == LAST -> mem_attr_array[gfn] = ATTRS; gfn = 0; check() } -> break
	      od;

	      /* kvm_post_set_memory_attributes() */
	      KVM_MMU_LOCK();
	      kvm_mmu_invalidate_end();
	      KVM_MMU_UNLOCK();

	      if
	      :: slots_unlock_between
	      :: slots_unlock_at_last -> break
	      fi
	   fi
	od;
	end: false
}
