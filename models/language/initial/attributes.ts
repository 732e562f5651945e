import type { Assignments } from './assignments.js';

/** attr[gfn]=private or shared, of each VM. */
export function readAttributes(given: Assignments, gfns: number, vms: number): boolean[] {
  const all = Array.from({ length: vms * gfns }, () => false);
  for (const { place, values } of given.named('attr')) {
    const isPrivate = ['shared', 'private'].indexOf(values[0]!.text);
    if (isPrivate < 0) given.expected(values[0]!, 'or shared');
    all[(place.vm ?? 0) * gfns + given.index(place, gfns)] = isPrivate === 1;
  }
  return all;
}
