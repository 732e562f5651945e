import type { Initial, InitialPage, InitialSlot } from '../scenario.js';
import type { Raw } from './raw.js';

/** The sizes of a world, and what of the rest it can have. */
export interface Sizes {
  readonly pages: number;
  readonly gfns: number;
  /** 4K pages of a huge page; 1 where there are none. */
  readonly folio: number;
}

type Sept = NonNullable<InitialPage['sept']>;
const [ACCEPTED, HUGE_PENDING, HUGE_ACCEPTED] = [2, 3, 4];
/** Of the words that a page can be drawn with, one that was written. */
const A_WORD = 3;

/** The world before anybody moves, of what was drawn: whatever that is, this one exists. */
export function initialOf(raw: Raw, { pages, gfns, folio }: Sizes): Initial {
  const isShared = raw.flags === 'INIT_SHARED';
  const attributes = Array.from(
    { length: gfns },
    (_, gfn) =>
      (raw.shared[raw.isSharedByHalves ? gfn : gfn - (gfn % folio)] === true) === isShared,
  );
  const slots = slotsOf(raw, pages);
  const launched = raw.memory === 'sw' || raw.launch === 'finished';
  const groups = Array.from({ length: pages / folio }, (_, i) => i * folio);
  return {
    sizes: raw.hasOther ? [pages, pages] : [pages],
    attributes: raw.hasOther ? [...attributes, ...attributes] : attributes,
    slots,
    pages: groups.flatMap((first, i) =>
      groupOf(raw, {
        first,
        folio,
        word: { empty: 0, drawn: raw.filemap[i]!, ready: A_WORD }[raw.state],
        sept: septWord(raw, i, folio > 1),
        slots,
        attributes,
      }),
    ),
    launched,
  };
}

function slotsOf(raw: Raw, pages: number): InitialSlot[] {
  const all = { slot: 0, gfn: 0, npages: pages, file: 0, pgoff: 0 };
  const readonly = raw.corners.includes('readonlySlot') ? { readonly: true } : {};
  const first: Record<Raw['slot'], InitialSlot[]> = {
    gmem: [{ ...all, ...readonly }],
    part: [{ ...all, npages: 1, ...readonly }],
    plain: [{ ...all, file: undefined, ...readonly }],
    none: [],
  };
  const ofOther = raw.hasOther ? [{ ...all, slot: 1, vm: 1, file: 1 }] : [];
  const other = { slot: 1, gfn: pages, npages: 1, file: undefined, pgoff: 0 };
  return [...first[raw.slot], ...ofOther, ...(raw.corners.includes('otherSlot') ? [other] : [])];
}

interface Group {
  readonly first: number;
  readonly folio: number;
  readonly word: number;
  readonly sept: number;
  readonly slots: readonly InitialSlot[];
  readonly attributes: readonly boolean[];
}

/** A page, or those of a huge page: of that all are there, or none is. */
function groupOf(raw: Raw, group: Group): InitialPage[] {
  const { first, folio, word } = group;
  if (word === 0) return [];
  const indexes = Array.from({ length: folio }, (_, i) => first + i);
  const isBound = (index: number): boolean =>
    group.slots.some((s) => s.slot === 0 && s.file === 0 && index < s.npages);
  // Under SNP whoever fills a page hands it to the firmware, and nobody else does.
  const isFilled = word > 1 && (raw.memory !== 'snp' || indexes.every(isBound));
  const isPrivate = (index: number): boolean => isBound(index) && group.attributes[index] === true;
  const isWhole = folio > 1 && group.sept >= HUGE_PENDING && indexes.every(isPrivate);
  return indexes.map((index) => {
    const page = { file: 0, index, content: isFilled ? word - 2 : undefined };
    const assigned = raw.memory === 'snp' && isFilled ? index : undefined;
    const isMapped = raw.memory === 'tdx' && isFilled && isPrivate(index);
    const sept = isMapped ? septOf(raw, group.sept, index, isWhole) : undefined;
    return { ...page, assigned, ...(sept ? { sept } : {}) };
  });
}

/** Once all is done all is mapped: by a huge leaf, where one was drawn that can be. */
function septWord({ state, sept }: Raw, i: number, isHuge: boolean): number {
  const drawn = sept[i] ?? 0;
  if (state !== 'ready') return drawn;
  return isHuge ? Math.max(ACCEPTED, drawn) : ACCEPTED;
}

/** Before a TD is finalized its pages are added, not accepted. */
function septOf(raw: Raw, word: number, gfn: number, isHuge: boolean): Sept | undefined {
  if (word === 0) return undefined;
  const accepted = word === ACCEPTED || word === HUGE_ACCEPTED || raw.launch === 'started';
  return { gfn, accepted, ...(isHuge ? { huge: true } : {}) };
}
