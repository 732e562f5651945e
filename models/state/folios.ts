import type { KernelState } from '../kernel.js';
import type { Shape } from './shape.js';
import type { Folio } from './structs.js';

/**
 * Frames are numbered, and a folio is known by the number of its first. The frames of a
 * huge page of guest_memfd stay together, whether they are one folio or one each.
 */

/** First frame of the huge page that a frame lies in. */
export const firstFrame = ({ huge }: Shape, frame: number): number =>
  huge && frame >= 0 ? frame - (frame % huge.folio) : frame;

/** page_folio(): the folio that a frame belongs to. */
export function folioOf(k: KernelState, frame: number): number {
  const first = firstFrame(k.shape, frame);
  return first !== frame && pagesIn(k.folios[first]!) > 1 ? first : frame;
}

/** folio_nr_pages() */
export const pagesIn = (folio: Folio): number =>
  folio.nr_pages.length > 0 ? folio.nr_pages.load(0) : 1;

/** Numbers of a folio's frames. */
export function framesOf(k: KernelState, folio: Folio): number[] {
  const first = k.folios.indexOf(folio);
  return Array.from({ length: pagesIn(folio) }, (_, i) => first + i);
}

/** folio_file_pfn(): the frame of an index, given the folio that has it. */
export const folio_file_pfn = ({ huge }: Shape, folio: number, index: number): number =>
  huge && folio >= 0 ? folio - (folio % huge.folio) + (index % huge.folio) : folio;

/** Is this index one of the folio's? */
export const hasIndex = (folio: Folio, index: number): boolean =>
  folio.index <= index && index < folio.index + pagesIn(folio);
