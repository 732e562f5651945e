import { InputError } from '../../../src/core/index.js';
import { at } from '../../../src/litmus/parse.js';
import type { InitialPage, InitialSlot } from '../../scenario.js';
import { ZERO, type Huge } from '../../state/shape.js';
import type { Assignments } from './assignments.js';

/** filemap[i]=stale (allocated only) or a word; rmp[i]=assigned. In gmem 0. @param huge pages are there as a whole */
export function readPages(
  given: Assignments,
  pages: number,
  slots: readonly InitialSlot[],
  huge?: Huge,
): InitialPage[] {
  const content = new Map<number, number | undefined>();
  for (const { place, values } of given.named('filemap')) {
    const [value] = values;
    if (value!.text !== 'stale' && !(value!.number !== undefined && value!.number >= ZERO))
      given.expected(value!, 'stale, or the word that the page holds');
    content.set(given.index(place, pages), value!.number);
  }
  if (huge) checkWhole(given, new Set(content.keys()), huge);
  const gfnOf = (index: number): number | undefined => {
    const slot = slots.find((x) => x.file === 0 && x.pgoff <= index && index < x.pgoff + x.npages);
    return slot && slot.gfn + index - slot.pgoff;
  };
  const assigned = new Set<number>();
  for (const { place, values } of given.named('rmp')) {
    if (values[0]!.text !== 'assigned') given.expected(values[0]!, 'assigned');
    const index = given.index(place, pages);
    if (!content.has(index))
      throw new InputError(`${at(given.file, place.at)}: rmp[${index}] needs filemap[${index}]`);
    if (gfnOf(index) === undefined)
      throw new InputError(`${at(given.file, place.at)}: no slot maps page ${index} to a gfn`);
    assigned.add(index);
  }
  return [...content].map(([index, word]) => ({
    file: 0,
    index,
    content: word,
    assigned: assigned.has(index) ? gfnOf(index) : undefined,
  }));
}

/** Of a huge page all is there, or nothing. @throws InputError */
function checkWhole(given: Assignments, pages: ReadonlySet<number>, { folio }: Huge): void {
  for (const index of pages) {
    const first = index - (index % folio);
    const missing = Array.from({ length: folio }, (_, i) => first + i).find((i) => !pages.has(i));
    if (missing !== undefined)
      throw new InputError(
        `${given.file}: a huge page is there as a whole: expected filemap[${missing}] ` +
          `as well as filemap[${index}]`,
      );
  }
}
