import fc from 'fast-check';

/** A VM that a recorder makes, and what it does to it. */
export interface SequenceKind {
  /** Arguments that a kernel refuses, once in a while. */
  readonly weird: boolean;
  /** GUEST_MEMFD_FLAG_MMAP, and accesses through the mapping. */
  readonly mmap: boolean;
  /** KVM_X86_DEFAULT_VM or KVM_X86_SW_PROTECTED_VM. */
  readonly vmType: 0 | 1;
}

const PAGE = 4096;
const FAR = 2 ** 63 - PAGE;
const WRAP = 2 ** 64 - PAGE;

export type Op = Readonly<Record<string, unknown>> & { readonly op: string };

const pages = (min: number, max: number) => fc.integer({ min, max }).map((n) => n * PAGE);
/** Once in a while one of some values instead. */
const or = <T>(usual: fc.Arbitrary<T>, isWeird: boolean, ...values: T[]): fc.Arbitrary<T> =>
  isWeird ? fc.oneof({ weight: 5, arbitrary: usual }, fc.constantFrom(...values)) : usual;

/** The start of a page in the windows of slots 1 and 2, or where there is never one. */
const gpa = fc
  .tuple(fc.constantFrom(0x100000, 0x100000, 0x200000, 0x300000), fc.nat(9))
  .map(([base, n]) => base + n * PAGE);
const handle = fc.constantFrom(0, 0, 0, 1);
const slot = fc.constantFrom(1, 1, 2);

/** The operations that the recordings have, and the values their arguments have there. */
function operation({ weird, mmap }: SequenceKind): fc.Arbitrary<Op> {
  const mapped: fc.Arbitrary<Op>[] = [
    fc.record({
      op: fc.constant('mmap_gmem'),
      g: handle,
      len: or(fc.constant(10 * PAGE), weird, 0),
    }),
    fc.record({ op: fc.constant('map_read'), g: fc.constant(0), page: fc.nat(9) }),
    fc.record({ op: fc.constant('map_write'), g: fc.constant(0), page: fc.nat(9) }),
  ];
  return fc.oneof(
    fc.record({
      op: fc.constant('create_gmem'),
      g: handle,
      size: or(pages(1, 8), weird, 0, 1, PAGE + 1, -PAGE),
      flags: or(fc.constantFrom(0, mmap ? 1 : 0, mmap ? 3 : 0), weird, 1, 2, 3, 4, WRAP),
    }),
    fc.record({ op: fc.constant('close_gmem'), g: handle }),
    fc.record({
      op: fc.constant('set_region'),
      slot,
      flags: or(fc.constantFrom(0, 4, 4), weird, 1, 2, 3, 5, 6, 7),
      size: fc.oneof(pages(0, 8), fc.constantFrom(0, 8 * PAGE)),
      g: fc.constantFrom(-1, 0, 0, 1),
      goff: fc.oneof(fc.constant(0), or(pages(0, 7), weird, 512, 6 * PAGE + 512, WRAP)),
    }),
    fc.record({
      op: fc.constant('fallocate'),
      g: handle,
      mode: or(fc.constantFrom(1, 3), weird, 0, 2, 4, 8, 16, 17, 19, 32, 64, 65, 128, 129),
      off: or(pages(0, 11), weird, 1, 100, PAGE - 1, PAGE + 1, -1, -PAGE, FAR),
      len: or(pages(1, 12), weird, 0, 1, 100, PAGE - 1, PAGE + 1, -PAGE, 256 * PAGE, FAR),
    }),
    fc.record({
      op: fc.constant('set_attr'),
      gpa: or(gpa, weird, 0x100001),
      size: or(pages(1, 10), weird, 0, 100, WRAP),
      attrs: or(fc.constantFrom(0, 8, 8), weird, 1, 2, 4, 16),
      flags: or(fc.constant(0), weird, 1),
    }),
    fc.record({
      op: fc.constant('prefault'),
      gpa: or(gpa, weird, 0x100008, 0x300008),
      size: or(pages(1, 4), weird, 0, PAGE + 1, WRAP),
      flags: or(fc.constant(0), weird, 1),
    }),
    fc.record({ op: fc.constant('guest_read'), gpa }),
    fc.record({ op: fc.constant('guest_write'), gpa }),
    fc.record({ op: fc.constant('host_read'), slot, page: fc.nat(7) }),
    fc.record({ op: fc.constant('host_write'), slot, page: fc.nat(7) }),
    ...(mmap ? mapped : []),
  );
}

/** What the recorder could have asked for: first what makes the VM, then so many operations. */
export const operations = (
  kind: SequenceKind,
  { min, max }: { readonly min: number; readonly max: number } = { min: 25, max: 40 },
): fc.Arbitrary<Op[]> =>
  fc.array(operation(kind), { minLength: min, maxLength: max, size: 'max' }).map((drawn) => {
    const flags = kind.mmap ? (kind.vmType === 0 ? 3 : 1) : 0;
    const create = { op: 'create_gmem', g: 0, size: 8 * PAGE, flags };
    const bind = { op: 'set_region', slot: 1, flags: 4, size: 8 * PAGE, g: 0, goff: 0 };
    const map = { op: 'mmap_gmem', g: 0, len: 10 * PAGE };
    return [create, ...(kind.mmap ? [map] : []), bind, ...drawn].map(placed);
  });

/**
 * Sequences of operations, each as a recorder would write it down: by its arguments. What
 * comes of them is left plain; `asRecording` has the model say it. They shrink to fewer
 * operations, each to its plainest arguments.
 * @param many how many there are beside those that make the VM
 */
export const sequences = (
  kind: SequenceKind,
  many: { readonly min: number; readonly max: number } = { min: 1, max: 40 },
): fc.Arbitrary<string> =>
  operations(kind, many).map((asked) => {
    const vm = { op: 'vm', i: -1, vm_type: kind.vmType, page: PAGE, N: 8 };
    const lines = [vm, ...asked.map((op, i) => ({ i, ...op, ...PLAIN, ...PLAIN_OF[op.op] }))];
    return lines.map((l) => JSON.stringify({ seq: 1, ...l })).join('\n');
  });

/** Results that are nothing's: of every operation, and what some have besides. */
const PLAIN = { ret: 0, errno: null, st: { g: [null, null], pages_4k: 0 } };
const NO_RANGE = { gpa: 0, size: 0 };
const PLAIN_OF: Readonly<Record<string, object>> = {
  set_attr: { out: NO_RANGE },
  prefault: { out: NO_RANGE, run_exit: 'UNTOUCHED' },
  guest_read: { exit: 'IO', got: 0 },
  guest_write: { exit: 'IO' },
  map_read: { got: 0 },
  host_read: { got: 0 },
};

/** Slots live at their MiB, and each word that is written is a new one. */
const placed = (op: Op, i: number): Op => ({
  ...op,
  ...(op.op === 'set_region' ? { gpa: Number(op['slot']) * 0x100000 } : {}),
  ...(op.op.endsWith('_write') ? { val: 0x1000 + i } : {}),
});
