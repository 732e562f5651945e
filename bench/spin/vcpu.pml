/* models/flows/vcpu.ts: KVM_RUN of a guest that writes one word and exits */

#define GFN	((_pid + op) % PAGES)
#define WORD	(_pid + 1)

inline fault_returns(v)
{
	r = v;
#ifdef ATTRIBUTES
	is_private = 0
#endif
}

/* vcpu_enter_guest(): what each entry does, inside its step. */
inline enter_guest()
{
#ifdef ATTRIBUTES
	run_flags = 0;
#endif
	root = 1
}

/* The page walk and the access, inside a step. */
inline guest_access()
{
	run_exit_reason = EXIT_IO;
	if
	:: is_folio(spte[GFN]) -> folio[spte[GFN]].content = WORD; check()
#ifdef ATTRIBUTES
	:: else -> host[spte[GFN] - FOLIOS] = WORD
#endif
	fi
}

/* The end of an operation, inside its last step. */
inline returns()
{
#ifdef ATTRIBUTES
	ret[op] = r;
	flags[op] = run_flags;
#endif
	r = 0;
	op++
}

active [VCPUS] proctype vcpu()
{
	byte op;
	short r;
	bit root;				/* valid: there is one from the first entry on */
	byte run_exit_reason = EXIT_UNKNOWN;
#ifdef ATTRIBUTES
	bit run_flags;				/* KVM_MEMORY_EXIT_FLAG_PRIVATE */
	bit is_private;
	short ret[ACCESSES];			/* outcomes: ret, flags; the rest follows */
	bit flags[ACCESSES];
#endif
	FAULT_LOCALS

	do
	:: step;				/* mutex_lock_killable(&vcpu->mutex) */
	   do					/* vcpu_run() */
	   :: d_step { spte[GFN] != NONE -> enter_guest(); guest_access() } -> break
	   :: d_step { spte[GFN] == NONE -> enter_guest(); run_exit_reason = EXIT_UNKNOWN };
	      step;				/* srcu_read_lock(&kvm->srcu) */
#ifdef ATTRIBUTES
	      is_private = mem_attr_array[GFN];	/* kvm_mem_is_private() */
#endif
	      step;				/* slot = gfn_to_memslot() */
	      kvm_tdp_mmu_page_fault(GFN);
fault_returned:
	      if
	      :: d_step { r >= 0 -> r = 0 }	/* srcu_read_unlock(); enter again */
	      :: r < 0 -> break
	      fi
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
