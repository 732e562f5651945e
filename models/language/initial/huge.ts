import type { Huge } from '../../state/shape.js';
import type { Assignments } from './assignments.js';

/** huge=N: 4K pages under a 2M leaf; folio=M: 4K pages of a huge page of guest_memfd. */
export function readHuge(given: Assignments): Huge | undefined {
  const leaf = given.count('huge', 2, 512, 0);
  const folio = given.count('folio', 2, 1024, leaf);
  if (leaf === 0) {
    const alone = given.single('folio');
    return alone ? given.expected(alone, 'huge=N as well') : undefined;
  }
  given.multiple('folio', folio, leaf);
  return { leaf, folio };
}
