/* models/flows/truncate.ts: [0, PAGES) of the file */

/* Locals of the frames below. A loop over folios that were found has its index in i. */
#define TRUNCATE_LOCALS \
	byte from;		/* where a pass, or its repetition, begins */ \
	byte i; \
	byte found[PAGES] = NONE; \
	bit mapped[PAGES];

#if PAGES == 1
#define first_found	0
#define next_found(i)	0
#define more(i)		false
#define none_found	(found[0] == NONE)
#define mapping_empty	(i_pages[0] == NONE)
#elif PAGES == 2
#define first_found	(found[0] != NONE -> 0 : 1)
#define next_found(i)	1
#define more(i)		((i) == 0 && found[1] != NONE)
#define none_found	(found[0] == NONE && found[1] == NONE)
#define mapping_empty	(i_pages[0] == NONE && i_pages[1] == NONE)
#else
#define first_found	(found[0] != NONE -> 0 : (found[1] != NONE -> 1 : 2))
#define next_found(i)	((i) == 0 && found[1] != NONE -> 1 : 2)
#define more(i)		(((i) == 0 && found[1] != NONE) || ((i) <= 1 && found[2] != NONE))
#define none_found	(found[0] == NONE && found[1] == NONE && found[2] == NONE)
#define mapping_empty	(i_pages[0] == NONE && i_pages[1] == NONE && i_pages[2] == NONE)
#endif
#define nothing_at_last	(i == LAST && i_pages[i] == NONE && none_found)
#define can_lock(i)	(!folio[found[i]].locked)

inline next() { i = next_found(i) }
inline rewind() { i = first_found }

/* The frame ends, or starts over from an index. */
inline restart(at)
{
	n = 0;
	do
	:: n < PAGES -> found[n] = NONE; mapped[n] = 0; n++
	:: else -> break
	od;
	from = at;
	i = from
}

/* sev_gmem_invalidate()'s second step, inside it */
inline rmp_make_shared(f) { folio[f].gfn = NOWHERE; check() }

inline unlock_and_drop(f) { unlock(f); drop_folio(f) }

inline filemap_remove_folio(f)
{
	d_step { forget(f); check() };
#ifdef SNP
	if						/* free_folio(): sev_gmem_invalidate() */
	:: !assigned(f)
	:: assigned(f); d_step { rmp_make_shared(f) }
	fi;
#endif
	d_step { drop_folio(f) }			/* filemap_free_folio() */
}

/* find_lock_entries() at i, inside a step */
#define can_trylock(i)	(i_pages[i] != NONE && !folio[i_pages[i]].locked)
inline trylock()
{
	lookup(found[i], i);
	folio[found[i]].locked = 1
}

inline delete_from_page_cache_batch()
{
	d_step {
		n = 0;
		do
		:: n < PAGES ->
			if :: found[n] != NONE -> forget(found[n]) :: else fi;
			n++
		:: else -> break
		od;
		check()
	}
}

/* Locks what it can without waiting; takes all of that out in one go. */
inline truncate_first_pass()
{
	do						/* find_lock_entries() */
	:: d_step { i < LAST && can_trylock(i) -> trylock(); i++ }
	:: d_step { i < LAST && !can_trylock(i) -> i++ }
	:: d_step { i == LAST && can_trylock(i) -> trylock(); rewind() } -> break
	:: d_step { i == LAST && !can_trylock(i) && !none_found -> rewind() } -> break
	:: d_step { i == LAST && !can_trylock(i) && none_found -> restart(0) }; goto edges
	od;
	delete_from_page_cache_batch();
#ifdef SNP
	do						/* free_folio() */
	:: d_step { more(i) && !assigned(found[i]) -> next() }
	:: d_step { !more(i) && !assigned(found[i]) -> rewind() } -> break
	:: assigned(found[i]);
	   if
	   :: d_step { more(i) -> rmp_make_shared(found[i]); next() }
	   :: d_step { !more(i) -> rmp_make_shared(found[i]); rewind() } -> break
	   fi
	od;
#endif
	do						/* folio_unlock(), and the filemap's reference */
	:: d_step { more(i) -> unlock_and_drop(found[i]); next() }
	:: d_step { !more(i) -> unlock_and_drop(found[i]); rewind() } -> break
	od;
	do						/* folio_put(); again behind the last one */
	:: d_step { more(i) -> drop_folio(found[i]); next() }
	:: d_step { !more(i) && i < LAST -> drop_folio(found[i]); restart(i + 1) }; goto first_pass
	:: d_step { !more(i) && i == LAST -> drop_folio(found[i]); restart(0) } -> break
	od
}

/* The first or the last page of the hole, which might have been partial. */
#define truncate_edge(at) \
	do						/* __filemap_get_folio() */ \
	:: i_pages[at] == NONE -> break \
	:: d_step { i_pages[at] != NONE -> lookup(found[0], at) }; \
	   if \
	   :: folio_lock_mapped(found[0], at); \
	      filemap_remove_folio(found[0]); \
	      folio_unlock(found[0]); \
	      d_step { drop_folio(found[0]); found[0] = NONE } -> break \
	   :: folio_lock_unmapped(found[0], at); \
	      folio_unlock(found[0]); \
	      d_step { drop_folio(found[0]); found[0] = NONE }	/* again */ \
	   fi \
	od

/* Waits for each folio that it finds; starts over until it finds none. */
inline truncate_second_pass()
{
	do						/* find_get_entries() */
	:: d_step { i < LAST && i_pages[i] != NONE -> lookup(found[i], i); i++ }
	:: d_step { i < LAST && i_pages[i] == NONE -> i++ }
	:: d_step { i == LAST && i_pages[i] != NONE -> lookup(found[i], i); rewind() } -> break
	:: d_step { i == LAST && i_pages[i] == NONE && !none_found -> rewind() } -> break
	:: d_step { nothing_at_last && from > 0 -> restart(0) }; goto second_pass
	:: d_step { nothing_at_last && from == 0 -> restart(0) }; goto truncated
	od;
	do
	:: if						/* folio_lock() */
	   :: d_step { can_lock(i) && folio[found[i]].index == i ->
		folio[found[i]].locked = 1; mapped[i] = 1 };
	      filemap_remove_folio(found[i])
	   :: folio_lock_unmapped(found[i], i)
	   fi;
	   if						/* folio_unlock() */
	   :: d_step { more(i) -> unlock(found[i]); next(); check() }
	   :: d_step { !more(i) -> unlock(found[i]); rewind(); check() } -> break
	   fi
	od;
	do						/* folio_put(); again behind the last one */
	:: d_step { more(i) -> drop_folio(found[i]); next() }
	:: d_step { !more(i) && i < LAST -> drop_folio(found[i]); restart(i + 1) }; goto second_pass
	:: d_step { !more(i) && i == LAST -> drop_folio(found[i]); restart(0) } -> break
	od
}

inline truncate_inode_pages_range()
{
	if
	:: mapping_empty
	:: !mapping_empty;
first_pass:
	   truncate_first_pass();
edges:
	   truncate_edge(0);
#if PAGES > 1
	   truncate_edge(LAST);
#endif
second_pass:
	   truncate_second_pass()
	fi;
}
