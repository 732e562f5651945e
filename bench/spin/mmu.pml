/* models/flows/mmu.ts, tdp_mmu.ts, and the retry checks of invalidate.ts */

/* Locals of a fault's frames, in the process that faults. */
#define FAULT_LOCALS \
	byte slot;		/* gfn_to_memslot(), where slots go */ \
	bit busy;		/* of the lockless retry check: an invalidation is under way */ \
	byte pfn = NONE; \
	bit is_prepared; \
	byte old = NONE;	/* old_spte */ \
	bit stale; \
	byte mapped_as;		/* what kvm_tdp_mmu_map() returned */

/*
 * The end of kvm_tdp_mmu_page_fault() and of all it called, inside its last step.
 * Its callers, which have nothing more to do, say in fault_returns(v) what is left.
 */
inline leave(v)
{
	fault_returns(v);
	mmu_seq[_pid] = DEAD;
	busy = 0;
	pfn = NONE;
	stale = 0;
	mapped_as = 0
}

/*
 * Three reads, each of whatever is there by then. When it says to retry: a folio
 * that was looked up must be released first.
 */
inline mmu_invalidate_retry_gfn_unsafe(g)
{
	if
	:: in_progress == 0
	:: d_step { in_progress > 0 -> busy = 1 };
	   if
	   :: d_step { in_range(g) && !is_folio(pfn) -> leave(RET_PF_RETRY) }; goto fault_returned
	   :: d_step { in_range(g) && is_folio(pfn) -> busy = 0 }; goto release_pfn
	   :: !in_range(g)
	   fi
	fi;
	if
	:: d_step { seq_changed && !is_folio(pfn) -> leave(RET_PF_RETRY) }; goto fault_returned
	:: d_step { seq_changed && is_folio(pfn) -> busy = 0 }; goto release_pfn
	:: d_step { !seq_changed -> busy = 0 }
	fi
}

inline kvm_mmu_prepare_memory_fault_exit()
{
	d_step {
		run_exit_reason = EXIT_MEMORY_FAULT;
		run_flags = is_private;
		leave(-EFAULT)
	};
	goto fault_returned
}

/* With -DNO_STALE_CHECK the models are broken, to see that the assertions see it. */
#ifdef NO_STALE_CHECK
#define is_stale(g)	(step == 0)
#else
#define is_stale(g)	((in_progress > 0 && in_range(g)) || seq_changed)
#endif

inline kvm_tdp_mmu_map(g)
{
	if						/* old_spte = kvm_tdp_mmu_read_spte() */
	:: d_step { spte[g] == pfn -> mapped_as = RET_PF_SPURIOUS }
	:: d_step { spte[g] != pfn -> old = spte[g] };
	   if						/* try_cmpxchg64() */
	   :: d_step { spte[g] == old -> spte[g] = pfn; mapped_as = RET_PF_FIXED; old = NONE; check() }
	   :: d_step { spte[g] != old -> mapped_as = RET_PF_RETRY; old = NONE }
	   fi
	fi
}

inline kvm_release_pfn_clean(v) { d_step { drop_folio(pfn); leave(v) } }

/* slot was looked up; pfn is found and mapped, or r says why not. */
inline kvm_tdp_mmu_page_fault(g)
{
	/* kvm_faultin_pfn() */
	mmu_seq[_pid] = EQUAL;				/* mmu_seq = mmu_invalidate_seq */
#if defined(ATTRIBUTES)
	if
	:: attr_is_private(g) == is_private
	:: attr_is_private(g) != is_private; kvm_mmu_prepare_memory_fault_exit()
	fi;
#elif defined(SLOTS)
	if						/* kvm_mem_is_private(): true */
	:: d_step { slot == VISIBLE -> slot = 0 }
	:: d_step { slot == INVALID -> slot = 0; leave(RET_PF_RETRY) }; goto fault_returned
	:: d_step { slot == ABSENT -> slot = 0 }; kvm_mmu_prepare_memory_fault_exit()
	fi;
#else
	step;						/* kvm_mem_is_private(): always */
#endif
	mmu_invalidate_retry_gfn_unsafe(g);
	if
	:: is_private;					/* kvm_slot_can_be_private() */
	   kvm_gmem_get_pfn(g)
#ifdef ATTRIBUTES
	:: d_step { !is_private -> pfn = FOLIOS + g }	/* __gfn_to_pfn_memslot() */
#endif
	fi;
	mmu_invalidate_retry_gfn_unsafe(g);

	d_step { !mmu_writer -> mmu_readers++ };	/* read_lock(&kvm->mmu_lock) */
	step;						/* is_obsolete_root(): no */
	if						/* mmu_invalidate_retry_gfn() */
	:: d_step { is_stale(g) -> stale = 1; mapped_as = RET_PF_RETRY }
	:: !is_stale(g);
	   kvm_tdp_mmu_map(g)
	fi;
	if						/* read_unlock(&kvm->mmu_lock) */
	:: d_step { is_folio(pfn) -> mmu_readers-- };
	   kvm_release_pfn_clean(mapped_as)
	:: d_step { !is_folio(pfn) -> mmu_readers--; leave(mapped_as) }
	fi;
	goto fault_returned;

release_pfn:
	kvm_release_pfn_clean(RET_PF_RETRY)
}
