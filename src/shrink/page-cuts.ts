import type { Call } from '../../models/operations.js';
import type { Scenario } from '../../models/scenario.js';
import { cut, type Cut } from './cut.js';
import type { Draft } from './draft.js';
import { withoutPages } from './pages.js';

/** Where pages are huge they go as a whole, as does what a leaf maps. */
export function ofPages(draft: Draft, { pages, gfns, huge }: Scenario): Cut[] {
  const { folio, leaf } = huge ?? { folio: 1, leaf: 1 };
  const sizes = { pages, gfns };
  const [ofFile, ofGuest] = [firsts(pages, folio), firsts(gfns, folio)];
  const same = ofFile
    .filter((page) => page < gfns)
    .map((page) => ({ page, gfn: page, size: folio }));
  const cross = ofFile.flatMap((page) =>
    ofGuest.filter((gfn) => gfn !== page).map((gfn) => ({ page, gfn, size: folio })),
  );
  const alone = ofFile.map((page) => ({ page, size: folio }));
  const guests = [...new Set([leaf, 1])].flatMap((size) =>
    firsts(gfns, size).map((gfn) => ({ gfn, size })),
  );
  return [...same, ...alone, ...guests, ...cross].flatMap((gone) => {
    const smaller = withoutPages(draft, sizes, gone);
    return smaller ? [cut(textOf(gone), smaller)] : [];
  });
}

const textOf = ({ page, gfn, size }: { page?: number; gfn?: number; size: number }): string =>
  [some('page', page, size), some('gfn', gfn, size)].filter(Boolean).join(' and ');

const some = (what: string, first: number | undefined, size: number): string => {
  if (first === undefined) return '';
  return size === 1 ? `${what} ${first}` : `${what}s ${first} to ${first + size - 1}`;
};

/** Where whole runs of so many begin, the last one first. */
const firsts = (end: number, size: number): number[] =>
  Array.from({ length: Math.floor(end / size) }, (_, i) => i * size).toReversed();

/** Huge pages at all, and those that are larger than a leaf. */
export function ofHuge(draft: Draft, { huge, pages, gfns }: Scenario): Cut[] {
  if (!huge) return [];
  const small = withoutWords(draft, /^(huge|folio)=/);
  const words = small.words.map((w) => w.replace(/=\((\w+), 2M\);$/, '=$1;'));
  const columns = small.columns.map((c) => ({ ...c, calls: c.calls.map(inSmall) }));
  const cuts = [cut('huge pages', { ...small, words, columns })];
  const { leaf, folio } = huge;
  const rest = { page: leaf, gfn: leaf, size: pages - leaf };
  const smaller = withoutPages(withoutWords(draft, /^folio=/), { pages, gfns }, rest);
  if (smaller && folio > leaf) cuts.push(cut(`folio=${folio}`, smaller));
  return cuts;
}

const withoutWords = (draft: Draft, some: RegExp): Draft => ({
  ...draft,
  words: draft.words.filter((w) => !some.test(w)),
});

function inSmall(call: Call): Call {
  if (call.op !== 'accept') return call;
  const { level: _, ...rest } = call;
  return rest;
}
