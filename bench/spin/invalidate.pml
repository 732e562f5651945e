/* models/flows/invalidate.ts, and the zap of tdp_mmu.ts; of all pages */

#define HOST	(_pid - VCPUS)

/* Locals of the frames below. */
#define INVALIDATE_LOCALS \
	byte gfn; \
	byte yielded;		/* mask: where the zap yielded the MMU lock */

inline KVM_MMU_LOCK()
{
	d_step { !mmu_locked -> mmu_writer = 1 }
}

inline KVM_MMU_UNLOCK()
{
	d_step { assert(mmu_writer); mmu_writer = 0 }
}

inline kvm_mmu_invalidate_begin()
{
	if						/* mmu_invalidate_in_progress++ */
	:: d_step { in_progress > 0 -> begin() }
	:: d_step { in_progress == 0 -> begin() };
	   d_step { range_start = NONE; range_end = NONE; check() }
	fi
}

inline begin()
{
	in_progress++;
	open_begins[HOST] = 1;
	check()
}

inline kvm_mmu_invalidate_range_add(low, high)
{
	d_step {
		if
		:: range_start == NONE -> range_start = low; range_end = high
		:: else ->
			if :: low < range_start -> range_start = low :: else fi;
			if :: high > range_end -> range_end = high :: else fi
		fi;
		check()
	}
}

inline kvm_mmu_invalidate_end()
{
	d_step {					/* mmu_invalidate_seq++ */
		n = 0;
		do
		:: n < VCPUS ->
			if :: mmu_seq[n] == EQUAL -> mmu_seq[n] = CHANGED :: else fi;
			n++
		:: else -> break
		od
#ifndef COARSE				/* differs, to see that the counts see it */
	};
	d_step {					/* mmu_invalidate_in_progress-- */
#endif
		assert(in_progress > 0 && range_start != NONE);
		in_progress--;
		open_begins[HOST] = 0;
		check()
	}
}

/* tdp_mmu_zap_leafs(): between two of them the lock may be yielded. */
inline kvm_unmap_gfn_range()
{
	do
	:: d_step { gfn < LAST -> zap(); gfn++ }
	:: d_step { gfn < LAST -> zap(); yielded = yielded | (1 << gfn); gfn++ };
	   KVM_MMU_UNLOCK();
	   KVM_MMU_LOCK()
	:: d_step { gfn == LAST -> zap(); gfn = 0; yielded = 0 } -> break
	od
}

inline zap()
{
	spte[gfn] = NONE;
	check()
}
