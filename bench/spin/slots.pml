/* Deletion of the memslot against KVM_PRE_FAULT_MEMORY of all pages: 6.12, sw. */
#define SLOTS
#include "memory.pml"
#include "invariants.pml"
#include "filemap.pml"
#include "gmem.pml"
#include "mmu.pml"
#include "prefault.pml"
#include "invalidate.pml"

/* models/flows/memslots.ts */

/* synchronize_srcu(): waits for the readers that are inside now, and for no others */
inline kvm_swap_active_memslots(state)
{
	memslot = state;			/* rcu_assign_pointer(kvm->memslots) */
#ifdef NO_SRCU
	step;
#else
	srcu_awaited = srcu_readers;
#endif
	srcu_awaited == 0
}

/* kvm_delete_memslot(): INVALID, grace period, zap, gone, grace period, unbind, free */
inline kvm_delete_memslot()
{
	kvm_swap_active_memslots(INVALID);

	/* kvm_arch_flush_shadow_memslot() */
	deref_slot();				/* slot->base_gfn */
	deref_slot();				/* slot->npages */
	KVM_MMU_LOCK();
	kvm_unmap_gfn_range();
	KVM_MMU_UNLOCK();

	kvm_swap_active_memslots(ABSENT);

	/* kvm_free_memslot() */
	step;					/* slot->flags & KVM_MEM_GUEST_MEMFD */
	deref_slot();				/* kvm_gmem_unbind(): slot->gmem.file */
	deref_slot();				/* kvm_gmem_get_file() */
	d_step { invalidate_lock == 0 -> invalidate_lock = _pid + 1 };
	d_step { deref_slot(); gmem_bound = 0 };	/* __kvm_gmem_unbind() */
	invalidate_lock = 0;
	step;					/* fput() */
	slot_alive = 0				/* kfree(slot) */
}

active [HOSTS] proctype host_thread()
{
	byte op;
	short ret[CHANGES];
	INVALIDATE_LOCALS

	/* kvm_set_user_memory_region() */
	do
	:: d_step { slots_lock == 0 -> slots_lock = _pid + 1 };
	   if					/* old = id_to_memslot() */
	   :: memslot != ABSENT;
	      kvm_delete_memslot()
	   :: d_step { memslot == ABSENT -> ret[op] = -EINVAL }
	   fi;
	   if					/* mutex_unlock(&kvm->slots_lock) */
	   :: d_step { op < CHANGES - 1 -> slots_lock = 0; op++; check() }
	   :: d_step { op == CHANGES - 1 -> slots_lock = 0; op++; check() } -> break
	   fi
	od;
	end: false
}
