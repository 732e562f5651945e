/* guest_memfd.c as of 6.12, for faults: models/protocols/P3.ts, P3z.ts */

#ifdef SNP
/* sev_gmem_prepare() */
inline kvm_arch_gmem_prepare(f, g)
{
	if
	:: assigned(f)
	:: !assigned(f);
	   d_step { folio[f].gfn = g; check() }		/* rmp_make_private() */
	fi
}
#endif

inline kvm_gmem_prepare_folio(f, g)
{
#ifndef NO_CLEAR
	d_step { folio[f].content = ZERO; check() };	/* clear_highpage() */
#endif
#ifdef SNP
	step;						/* gfn = slot->base_gfn + index - pgoff */
	kvm_arch_gmem_prepare(f, g);
#endif
	d_step { folio[f].uptodate = 1; check() }	/* kvm_gmem_mark_prepared() */
}

/*
 * pfn = the folio, referenced. Its errors are out of reach: the file is open (so its
 * references need not be counted), and the slot is bound for as long as a fault can see it.
 */
inline kvm_gmem_get_pfn(g)
{
	deref_slot();					/* index = kvm_gmem_get_index() */
	deref_slot();					/* kvm_gmem_get_file() */
	is_bound();					/* file == slot->gmem.file */
	is_bound();					/* xa_load(&gmem->bindings, index) */
	filemap_grab_folio(pfn, g);			/* kvm_gmem_get_folio() */
	if						/* folio_test_uptodate() */
	:: d_step { folio[pfn].uptodate -> is_prepared = 1 }
	:: !folio[pfn].uptodate;
	   kvm_gmem_prepare_folio(pfn, g)
	fi;
	folio_unlock(pfn);
	is_prepared = 0					/* fput() */
}
