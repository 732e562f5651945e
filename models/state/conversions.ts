import { EAGAIN } from '../errno.js';
import type { KernelState } from '../kernel.js';
import { hit } from './bugs.js';
import { pagesIn } from './folios.js';
import { NONE } from './shape.js';
import type { Folio, Inode } from './structs.js';

/** Ghosts of S13: what a conversion has found, and what it has left. */

const SAFE = 1;
const IN_USE = 2;

/** A conversion begins, the invalidate_lock is held. */
export function rememberAttributes(inode: Inode): void {
  const { attributes, attributes_before: before } = inode;
  for (let i = 0; i < before.length; i++) before.store(i, attributes.load(i));
  forgetZaps(inode);
}

/** What was zapped before is another operation's. */
export function forgetZaps({ zapped }: Inode): void {
  for (let i = 0; i < zapped.length; i++) zapped.store(i, 0);
}

/** References to a folio are counted: are there others than the filemap's and who counts? */
export function rememberCount(k: KernelState, number: number, isSafe: boolean): void {
  const folio = k.folios[number]!;
  if (folio.mapping === NONE) return;
  const { counted } = k.inodes[folio.mapping]!;
  for (let i = 0; i < Math.min(pagesIn(folio), counted.length); i++)
    counted.store(folio.index + i, isSafe ? SAFE : IN_USE);
}

/** RMPUPDATE has made a page shared; one that is in the filemap was converted, and not freed. */
export function rememberGivenBack(k: KernelState, { mapping }: Folio): void {
  const inode = k.inodes[mapping];
  if (inode && inode.given_back.length > 0) inode.given_back.store(0, 1);
}

/** What was counted is judged, or was for something else. */
export function forgetCounts({ counted }: Inode): void {
  for (let i = 0; i < counted.length; i++) counted.store(i, 0);
}

/** What a conversion was asked to do. */
export interface Conversion {
  readonly start: number;
  readonly end: number;
  readonly attrs: number;
  /** Where it goes on batch by batch: the page that it has come to, whatever it returns. */
  readonly done?: number;
}

/** It returns: has it done what was asked, or, from the page on where it failed, nothing? */
export function judgeConversion(
  k: KernelState,
  inode: Inode,
  { start, end, attrs, done }: Conversion,
  [r, error]: readonly [number, number],
): void {
  const { attributes, attributes_before: before, counted, given_back } = inode;
  const failedAt = done ?? (r === 0 ? end : start);
  for (let i = 0; i < attributes.length; i++) {
    const isAsked = start <= i && i < failedAt;
    if (attributes.load(i) !== (isAsked ? attrs : before.load(i))) hit(k, 'halfConverted');
    const isNew = isAsked && attrs === 1 && before.load(i) === 0 && inode.i_pages.load(i) !== NONE;
    if (isNew && counted.load(i) === IN_USE) hit(k, 'convertedInUse');
    before.store(i, 0);
  }
  if (given_back.length > 0) {
    if (r < 0 && given_back.load(0) === 1) hit(k, 'failedHalfway');
    given_back.store(0, 0);
  }
  const isNamed = failedAt <= error && error < end && counted.load(error) === IN_USE;
  if (r === -EAGAIN && !isNamed) hit(k, 'wrongPageNamed');
  forgetCounts(inode);
}
