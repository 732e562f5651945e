/* models/flows/filemap.ts, locks.ts */

/* xas_load() and folio_try_get(), inside a step */
inline lookup(f, i)
{
	f = i_pages[i];
	folio[f].refcount++
}

/* folio_lock() and the look whether it is still where it was found */
#define folio_lock_mapped(f, i) \
	d_step { !folio[f].locked && folio[f].index == (i) -> folio[f].locked = 1 }
#define folio_lock_unmapped(f, i) \
	d_step { !folio[f].locked && folio[f].index != (i) -> folio[f].locked = 1 }

inline unlock(f) { assert(folio[f].locked); folio[f].locked = 0 }

inline folio_unlock(f) { d_step { unlock(f); check() } }

/* folio_ref_dec_and_test(), inside a step */
inline drop_folio(f)
{
	assert(folio[f].refcount > 0);		/* S10 */
	folio[f].refcount--;
	if
	:: folio[f].refcount == 0 -> folio[f].uptodate = 0; folio[f].content = STALE
	:: else
	fi;
	check()
}

/* page_cache_delete(), inside a step */
inline forget(f)
{
	i_pages[folio[f].index] = NONE;
	folio[f].index = NOWHERE
}

/* filemap_add_folio() of a new folio, born locked, inside a step */
inline insert(f, i)
{
#ifdef LOWEST_FREE				/* differs, to see that the counts see it */
	f = 0;
	do
	:: folio[f].refcount > 0 -> f++
	:: else -> break
	od;
#else
	f = i;					/* each page has a frame of its own, and spare ones */
	if
	:: folio[i].refcount > 0 ->
		f = PAGES;
		do
		:: folio[f].refcount > 0 -> f++
		:: else -> break
		od
	:: else
	fi;
#endif
	assert(f < FOLIOS);
	folio[f].locked = 1;
	folio[f].index = i;
	folio[f].refcount = 2;
	folio[f].uptodate = 0;
	folio[f].content = STALE;
	i_pages[i] = f;
	check()
}

/*
 * Finds the folio at i or creates it: locked and referenced. A macro, because Spin
 * takes the begin of an inline and that of a loop for two places.
 */
#define filemap_grab_folio(f, i) \
	do						/* filemap_get_entry() */ \
	:: d_step { i_pages[i] != NONE -> lookup(f, i) }; \
	   if \
	   :: folio_lock_mapped(f, i) -> break \
	   :: folio_lock_unmapped(f, i); \
	      folio_unlock(f); \
	      d_step { drop_folio(f); f = NONE }	/* folio_put(); again */ \
	   fi \
	:: i_pages[i] == NONE; \
	   if						/* filemap_add_folio() */ \
	   :: d_step { i_pages[i] == NONE -> insert(f, i) } -> break \
	   :: i_pages[i] != NONE			/* -EEXIST; again */ \
	   fi \
	od
