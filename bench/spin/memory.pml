/*
 * Memory: models/state/structs.ts, for one guest_memfd behind one slot.
 *
 * Left out are cells that never change in these scenarios, and cells that follow
 * from the place of one process alone (vcpu->mutex, the outcome of an operation that
 * has only one): they would not tell any two states apart.
 *
 * Every statement outside d_step, and every d_step, is one step of the model;
 * what a step observes is a local variable until its frame ends, then 0 or NONE.
 */

#define NONE		255	/* no folio, no mapping */
#define STALE		7	/* folio.content: what the host last kept there */
#define ZERO		0
#define NOWHERE		7	/* folio.index, folio.gfn */
#define LAST		(PAGES - 1)

#define RET_PF_RETRY	1
#define RET_PF_FIXED	5
#define RET_PF_SPURIOUS	6
#define EFAULT		14
#define EINVAL		22

#define EXIT_UNKNOWN	0
#define EXIT_IO		2
#define EXIT_MEMORY_FAULT 39

/* struct folio with its RMP entry */
typedef folio_t {
	bit locked;
	bit uptodate;
	unsigned refcount : 4;
	unsigned content : 3 = STALE;
	unsigned index : 3 = NOWHERE;	/* in the filemap; NOWHERE once truncated */
#ifdef SNP
	unsigned gfn : 3 = NOWHERE;	/* RMP: assigned to this gfn; NOWHERE = shared */
#endif
};
folio_t folio[FOLIOS];

byte i_pages[PAGES] = NONE;		/* the filemap */
byte spte[PAGES] = NONE;		/* a folio, or FOLIOS + gfn: the host's page */
byte invalidate_lock;			/* mapping->invalidate_lock: owner + 1 */
bit mmu_writer;				/* kvm->mmu_lock */
byte mmu_readers;

/* kvm->mmu_invalidate_*; of the sequence number only what snapshots say of it */
#define DEAD	0
#define EQUAL	1
#define CHANGED	2
byte mmu_seq[VCPUS];
byte in_progress;
byte range_start = NONE;
byte range_end = NONE;

bit open_begins[HOSTS];			/* ghost, for S3 */

#ifdef ATTRIBUTES
bit mem_attr_array[PAGES] = 1;		/* 1 = private */
byte host[PAGES];			/* words in the host's pages */
byte slots_lock;			/* owner + 1 */
#define attr_is_private(gfn)	(mem_attr_array[gfn] == 1)
#else
#define attr_is_private(gfn)	true
#define is_private		1	/* of every access */
#endif

#ifdef SLOTS
#define ABSENT	0
#define VISIBLE	1
#define INVALID	2
byte memslot = VISIBLE;			/* kvm->memslots says of the slot */
bit slot_alive = 1;			/* ghost, for S10 */
bit gmem_bound = 1;			/* slot->gmem.file and gmem->bindings */
byte slots_lock;			/* owner + 1 */
byte srcu_readers;			/* kvm->srcu: mask of actors inside */
byte srcu_awaited;			/* those that the holder of slots_lock waits for */
#endif

/*
 * A step that reads what never changes here, or writes what follows from the
 * place it leads to. Not `true`: of two in a row Spin keeps only one.
 */
#define step	(2)

hidden byte n;				/* for loops inside d_step: not in the state */

#define is_folio(pfn)	((pfn) < FOLIOS)
#define in_range(gfn)	(range_start != NONE && range_start <= (gfn) && (gfn) < range_end)
#define seq_changed	(mmu_seq[_pid] == CHANGED)
#define mmu_locked	(mmu_writer || mmu_readers > 0)

#ifdef SLOTS
#define deref_slot()	assert(slot_alive)		/* S10 */
#define is_bound()	assert(gmem_bound)
#else
#define deref_slot()	step
#define is_bound()	step
#endif
