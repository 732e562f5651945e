/* models/flows/prefault.ts: KVM_PRE_FAULT_MEMORY of all pages */

/* What the callers of a fault make of its result; RET_PF_RETRY is tried again. */
inline fault_returns(v)
{
	if
	:: v == RET_PF_FIXED || v == RET_PF_SPURIOUS -> r = 0; done++
	:: else -> r = v
	fi
}

/* gfn_to_memslot(), inside a step */
inline gfn_to_memslot()
{
	if
	:: memslot != ABSENT -> deref_slot()
	:: else
	fi;
	slot = memslot
}

/* srcu_read_unlock(): whoever synchronizes no longer waits for this reader. */
inline srcu_read_unlock()
{
	srcu_readers = srcu_readers & ~(1 << _pid);
	srcu_awaited = srcu_awaited & ~(1 << _pid)
}

/* The end of an operation, inside its last step. An error leaves the range as it was. */
inline returns()
{
	ret[op] = (done == 0 -> r : 0);
	left[op] = PAGES - done;
	flags[op] = run_flags;
	assert(ret[op] == 0 -> left[op] < PAGES : left[op] == PAGES);	/* S16 */
	r = 0;
	done = 0;
	op++
}

active [VCPUS] proctype vcpu()
{
	byte op;
	byte done;
	short r;				/* of the page; RET_PF_RETRY: to be tried */
	byte run_exit_reason = EXIT_UNKNOWN;
	bit run_flags;
	bit root;
	short ret[ACCESSES];			/* outcomes; the exit reason follows from the flags */
	byte left[ACCESSES];
	bit flags[ACCESSES];
	FAULT_LOCALS

	/* kvm_vcpu_pre_fault_memory() */
	do
	:: step;				/* mutex_lock_killable(&vcpu->mutex) */
	   srcu_readers = srcu_readers | (1 << _pid);

fault_returned:
	   do
	   :: r == 0 && done < PAGES;		/* pre_fault_allowed: it is */
	      root = 1;				/* kvm_mmu_reload() */
	      r = RET_PF_RETRY			/* kvm_mem_is_private(): it is */
	   :: d_step { r == RET_PF_RETRY -> gfn_to_memslot(); r = 0 };
	      kvm_tdp_mmu_page_fault(done)
	   :: d_step { r < 0 || (r == 0 && done == PAGES) -> srcu_read_unlock() } -> break
	   od;
	   step;				/* run->exit_reason */
	   step;				/* run->memory_fault.flags */
	   if					/* mutex_unlock(&vcpu->mutex) */
	   :: d_step { op < ACCESSES - 1 -> returns() }
	   :: d_step { op == ACCESSES - 1 -> returns() } -> break
	   fi
	od;
	end: false
}
