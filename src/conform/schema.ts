import { z } from 'zod';
import { ERRNO } from '../errno.js';

/** Any whole number; arguments may lie outside what JavaScript counts exactly. */
const integer = z.number().refine(Number.isInteger, 'expected a whole number');
const unsigned = integer.refine((n) => n >= 0 && n <= 2 ** 64, 'expected 64 bits, unsigned');
const count = z.int().min(0).max(0x7fff_ffff);
const word = z.int().min(0).max(0xffff_ffff);
const handle = z.int().min(0).max(15);
const slotId = z.int().min(1).max(15);
const page = z.int().min(0).max(0xffff);

const errno = z.enum(Object.keys(ERRNO) as [keyof typeof ERRNO, ...(keyof typeof ERRNO)[]]);

const gmem = z.object({
  size: count,
  pop: z.string().regex(/^[01]{1,64}$/, "expected a string of '0' and '1', one per page"),
  pop_beyond: count,
  blocks: count.optional(),
});

/** State right after an operation. */
const state = z.object({
  g: z.array(gmem.nullable()).max(16),
  pages_4k: count,
  pf_taken: count.optional(),
  pf_fixed: count.optional(),
  pf_spurious: count.optional(),
});

const result = {
  i: z.int().min(0).max(1_000_000),
  ret: z.literal([0, -1]),
  errno: errno.nullable(),
  st: state,
};

const range = z.object({ gpa: unsigned, size: unsigned });
const access = {
  ...result,
  gpa: count,
  exit: z.enum(['IO', 'MMIO', 'MEMORY_FAULT', 'UNKNOWN']),
  mf: z.object({ flags: count, gpa: count, size: count }).optional(),
  mmio: z.object({ gpa: count, write: z.int().min(0).max(1), len: count }).optional(),
};

/** An access through a mapping; with the signal that it got instead, if it did. */
const mapped = { ...result, g: handle, page, signal: count.optional(), si_code: count.optional() };

/** One recorded operation: its arguments, what it returned, the state after it. */
export const recordedOperation = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('create_gmem'),
    ...result,
    g: handle,
    size: integer,
    flags: unsigned,
  }),
  z.object({ op: z.literal('close_gmem'), ...result, g: handle }),
  z.object({
    op: z.literal('set_region'),
    ...result,
    slot: slotId,
    flags: unsigned,
    gpa: unsigned,
    size: unsigned,
    g: z.int().min(-1).max(15),
    goff: unsigned,
  }),
  z.object({
    op: z.literal('fallocate'),
    ...result,
    g: handle,
    mode: count,
    off: integer,
    len: integer,
  }),
  z.object({
    op: z.literal('set_attr'),
    ...result,
    gpa: unsigned,
    size: unsigned,
    attrs: unsigned,
    flags: unsigned,
    out: range,
  }),
  z.object({
    op: z.literal('prefault'),
    ...result,
    gpa: unsigned,
    size: unsigned,
    flags: unsigned,
    out: range,
    run_exit: z.enum(['UNTOUCHED', 'UNKNOWN', 'MEMORY_FAULT']),
  }),
  z.object({ op: z.literal('mmap_gmem'), ...result, g: handle, len: count }),
  z.object({ op: z.literal('map_read'), ...mapped, got: word.optional() }),
  z.object({ op: z.literal('map_write'), ...mapped, val: word }),
  z.object({ op: z.literal('guest_read'), ...access, got: word.optional() }),
  z.object({ op: z.literal('guest_write'), ...access, val: word }),
  z.object({ op: z.literal('host_read'), ...result, slot: slotId, page, got: word }),
  z.object({ op: z.literal('host_write'), ...result, slot: slotId, page, val: word }),
]);

export type Recorded = z.infer<typeof recordedOperation>;
export type RecordedOp = Recorded['op'];
export type RecordedOf<N extends RecordedOp> = Extract<Recorded, { op: N }>;

/** Names of the operations that can be compared. */
export const RECORDED_OPS: readonly string[] = recordedOperation.options.map(
  (option) => option.shape.op.value,
);

/** The first line of a sequence: a fresh virtual machine. */
export const recordedVm = z.object({
  op: z.literal('vm'),
  i: z.literal(-1),
  vm_type: z.int().min(0).max(7),
  page: z.literal(4096),
  N: z.int().min(1).max(64),
  ret: z.literal(0).optional(),
});

/** What every line begins with. */
export const lineHead = z.object({ seq: z.int().min(0), i: z.int().min(-1), op: z.string() });

export const PAGE_SIZE = 4096;
/** What the recorder's guest reads and writes at a time. */
export const WORD_SIZE = 4;
