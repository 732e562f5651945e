import fc, { type Arbitrary } from 'fast-check';
import type { Range } from '../../src/fastcheck/index.js';
import type { Protocol } from '../protocol.js';
import type { GmemFlags, MemoryKind } from '../state/shape.js';
import type { Actions } from './actions.js';
import { secondVm } from './vms.js';

/** A call before it is fitted to a scenario's sizes. */
export interface RawCall {
  /** A number that stands for an action; which, the scenario decides. */
  readonly action: number;
  readonly range: Range;
  readonly value: number;
  /** As is usual: a guest accesses private memory; attributes change what they were at first. */
  readonly isUsual: boolean;
  /** What else a call can be told: a content mode, a level, a slot's flag; mostly nothing. */
  readonly word: number;
  /** The same as the call before. */
  readonly isAgain: boolean;
  /** It waits for this one first: the o-th call of the c-th column from its own on. */
  readonly after: { readonly column: number; readonly operation: number } | undefined;
}

export interface RawColumn {
  readonly isVcpu: boolean;
  readonly calls: readonly RawCall[];
}

/** What a world may have besides, seldom and mostly alone. */
export type Corner =
  | 'lruBatch'
  | 'speculative'
  | 'seamcallFails'
  | 'rmpupdateFails'
  | 'psmashFails'
  | 'cowSource'
  | 'otherSlot'
  | 'spareGfn'
  | 'readonlySlot'
  | 'hostMemoryLost';

/** A scenario as fast-check draws and shrinks it: one thing at a time, none depends on another. */
export interface Raw {
  readonly memory: MemoryKind;
  /** Of guest_memfd; huge pages, where these are huge. */
  readonly pages: number;
  readonly isHuge: boolean;
  /** TDX: has the module its page metadata from the kernel? Only splits of huge pages ask. */
  readonly isPamtDynamic: boolean;
  /** Do TLBs keep what was found? */
  readonly hasTlb: boolean;
  readonly faults: number;
  readonly columns: readonly RawColumn[];
  /** Calls that there are beyond one per column. */
  readonly more: number;
  /** The few actions that all threads have together; none = each has what it was given. */
  readonly theme: readonly number[];
  readonly shared: readonly boolean[];
  /** May one half of a huge page be shared, and the other not? */
  readonly isSharedByHalves: boolean;
  /** What slot 0 is: of one page only, with other memory only, or not there. */
  readonly slot: 'gmem' | 'part' | 'plain' | 'none';
  /** Whether that is of each page as drawn, or of all as soon as possible, or once all is done. */
  readonly state: 'empty' | 'drawn' | 'ready';
  /** Per page, or huge page: 0 = not allocated, 1 = allocated only, n = the word n - 2. */
  readonly filemap: readonly number[];
  /** Of a TD, per page: 0 = not mapped, 1 = pending, 2 = accepted, 3 and 4 = the same by a huge leaf. */
  readonly sept: readonly number[];
  readonly launch: 'finished' | 'started';
  readonly flags: GmemFlags;
  readonly corners: readonly Corner[];
  /** Columns that are of a second VM, where there is one. */
  readonly inOther: readonly boolean[];
  readonly hasOther: boolean;
  readonly sameAsid: boolean;
}

/** Most things are small: one page, one call, a word that is 0 or 1. */
export function raws(
  protocol: Protocol,
  actions: Actions,
  corners: readonly Corner[],
): Arbitrary<Raw> {
  const column = (isVcpu: boolean): Arbitrary<RawColumn> => {
    const call = rawCall(actions.count(isVcpu));
    return fc.record({
      isVcpu: fc.constant(isVcpu),
      calls: fc.array(call, { minLength: 1, maxLength: 3, size: 'max' }),
    });
  };
  return fc.record<Raw>({
    // What a version has huge pages for it is about.
    memory: fc.constantFrom(...protocol.kinds, ...protocol.hugePages, ...protocol.hugePages),
    pages: fc.integer({ min: 1, max: 2 }),
    isHuge: protocol.hugePages.length > 0 ? fc.nat(3).map((n) => n > 0) : fc.constant(false),
    isPamtDynamic: fc.boolean(),
    hasTlb: fc.nat(4).map((n) => n > 2),
    faults: fc.nat(2).map((n) => (n === 2 ? 1 : 0)),
    // Of the last nothing is left: so three are as frequent as one or two.
    columns: fc
      .array(fc.oneof(...[true, false].filter((isVcpu) => actions.count(isVcpu) > 0).map(column)), {
        minLength: 1,
        maxLength: 4,
        size: 'max',
      })
      .map((columns) => columns.slice(0, 3)),
    // Of three threads that do three things each nobody sees all states.
    more: fc.constantFrom(0, 0, 1, 1, 1, 2, 2, 3),
    // Who does one thing again and again meets what who does everything once does not.
    theme: fc.oneof(
      { withCrossShrink: true },
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.nat(MANY), { minLength: 1, maxLength: 3 }) },
    ),
    shared: fc.tuple(rarely, rarely, rarely, rarely),
    isSharedByHalves: fc.nat(2).map((n) => n === 2),
    slot: fc.constantFrom(...Array<'gmem'>(12).fill('gmem'), 'part', 'plain', 'none'),
    state: fc.constantFrom('empty', 'drawn', 'drawn', 'drawn', 'ready', 'ready'),
    filemap: fc.tuple(inFilemap, inFilemap),
    sept: protocol.kinds.includes('tdx') ? fc.tuple(inSept, inSept) : fc.constant([]),
    launch: fc.constantFrom('finished', 'finished', 'finished', 'started', 'started'),
    flags: fc.constantFrom('none', 'MMAP', 'INIT_SHARED'),
    corners: fc.oneof(
      { withCrossShrink: true },
      { weight: 1, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.uniqueArray(fc.constantFrom(...corners.flatMap(oftenEnough)), {
          minLength: 1,
          maxLength: 2,
        }),
      },
    ),
    ...secondVm(protocol),
  });
}

/** More than there are actions, each as often as it is drawn. */
const MANY = 1000;

const rarely = fc.nat(3).map((n) => n === 3);

/** Where there are huge leaves, more often mapped by one than not. */
const inFilemap = fc.constantFrom(0, 0, 1, 2, 3, 3);
const inSept = fc.constantFrom(0, 1, 2, 3, 3, 3, 4, 4, 4);

/** Every page that is new is in it. */
const oftenEnough = (corner: Corner): Corner[] =>
  Array<Corner>(corner === 'lruBatch' ? 3 : 1).fill(corner);

const rawCall = (actions: number): Arbitrary<RawCall> =>
  fc.record({
    action: fc.nat(actions - 1),
    range: fc.record({ start: fc.nat(3), count: fc.constantFrom(1, 1, 2, 4) }),
    value: fc.integer({ min: 1, max: 3 }),
    isUsual: fc.nat(5).map((n) => n !== 5),
    word: fc.nat(7),
    isAgain: fc.nat(4).map((n) => n === 4),
    after: fc.oneof(
      { withCrossShrink: true },
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.record({ column: fc.nat(1), operation: fc.nat(2) }) },
    ),
  });
