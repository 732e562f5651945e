/*
 * models/invariants: those that say something here, as one expression. It is
 * asserted in each step that could break one. S10 and what
 * is a KVM_BUG_ON are asserted where they would be hit; S16 where pre-fault returns.
 */

#if PAGES == 1
#define every_gfn(p)	(p(0))
#elif PAGES == 2
#define every_gfn(p)	(p(0) && p(1))
#else
#define every_gfn(p)	(p(0) && p(1) && p(2))
#endif

#define folios1(p)	p(0)
#define folios2(p)	folios1(p) && p(1)
#define folios3(p)	folios2(p) && p(2)
#define folios4(p)	folios3(p) && p(3)
#define folios5(p)	folios4(p) && p(4)
#define folios6(p)	folios5(p) && p(5)
#define folios7(p)	folios6(p) && p(6)
#define folios8(p)	folios7(p) && p(7)
#define folios9(p)	folios8(p) && p(8)
#define folios_(n, p)	folios ## n(p)
#define folios(n, p)	folios_(n, p)
#define every_folio(p)	(folios(FOLIOS, p))

#define in_filemap(f)	(folio[f].index != NOWHERE && i_pages[folio[f].index] == (f))
#define mapped(g)	is_folio(spte[g])

/* mapped folios are in the filemap */
#define S1(g)		(!mapped(g) || in_filemap(spte[g]))
/* SPTEs agree with the attribute, outside an invalidation */
#define S7(g)		(spte[g] == NONE || (in_progress > 0 && in_range(g)) || \
			 mapped(g) == attr_is_private(g))
/* no folio at two gfns; that a gfn has one folio goes without saying here */
#define apart(g, h)	(!mapped(g) || spte[g] != spte[h])
#if PAGES == 1
#define S8		(1)
#elif PAGES == 2
#define S8		apart(0, 1)
#else
#define S8		(apart(0, 1) && apart(0, 2) && apart(1, 2))
#endif
/* free folios are neither mapped nor assigned */
#define S9(g)		(!mapped(g) || folio[spte[g]].refcount > 0)
/* no stale data where the guest could see it */
#define S17(g)	(!mapped(g) || folio[spte[g]].content != STALE)
#define S17f(f)		(!folio[f].uptodate || folio[f].content != STALE)

#ifdef SNP
#define assigned(f)	(folio[f].gfn != NOWHERE)
/* assigned folios are in the filemap, or their remover has them locked */
#define S4(f)		(!assigned(f) || in_filemap(f) || folio[f].locked)
/* a mapped folio is assigned, to the gfn that maps it */
#define S5(g)		(!mapped(g) || folio[spte[g]].gfn == (g))
#define S9f(f)		(!assigned(f) || folio[f].refcount > 0)
#define folio_holds(f)	(S4(f) && S9f(f) && S17f(f))
#define gfn_holds(g)	(S1(g) && S5(g) && S7(g) && S9(g) && S17(g))
#else
#define folio_holds(f)	S17f(f)
#define gfn_holds(g)	(S1(g) && S7(g) && S9(g) && S17(g))
#endif

/* S3: begins and ends balance; whoever has one open holds the lock for it */
#ifdef PUNCH
#define may_invalidate(h)	(invalidate_lock == VCPUS + (h) + 1)
#else
#define may_invalidate(h)	(slots_lock == VCPUS + (h) + 1)
#endif
#define S3h(h)		(!open_begins[h] || may_invalidate(h))
#if HOSTS == 1
#define S3		(S3h(0) && open_begins[0] == in_progress)
#elif HOSTS == 2
#define S3		(S3h(0) && S3h(1) && open_begins[0] + open_begins[1] == in_progress)
#else
#define S3		(S3h(0) && S3h(1) && S3h(2) && \
			 open_begins[0] + open_begins[1] + open_begins[2] == in_progress)
#endif

#define check()		assert(every_gfn(gfn_holds) && every_folio(folio_holds) && S3 && S8)
