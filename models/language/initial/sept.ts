import { InputError } from '../../../src/core/index.js';
import { at } from '../../../src/litmus/parse.js';
import type { InitialPage, InitialSlot } from '../../scenario.js';
import { NONE, type Huge } from '../../state/shape.js';
import type { Vms } from '../../state/vms.js';
import type { Assignments } from './assignments.js';

/** sept[gfn]=pending or mapped, or (mapped, 2M): what of gmem 0's inode is there is mapped at that gfn. */
export function readSept(
  given: Assignments,
  gfns: number,
  { files }: Vms,
  slots: readonly InitialSlot[],
  pages: readonly InitialPage[],
  huge?: Huge,
): readonly InitialPage[] {
  const mapped = new Map<number, NonNullable<InitialPage['sept']>>();
  for (const { place, values } of given.named('sept')) {
    const gfn = given.index(place, gfns);
    const accepted = ['pending', 'mapped'].indexOf(values[0]!.text);
    if (accepted < 0) given.expected(values[0]!, 'pending or mapped');
    const slot = slots.find(
      (s) => files[s.file ?? NONE]?.inode === 0 && s.gfn <= gfn && gfn < s.gfn + s.npages,
    );
    const index = slot ? gfn - slot.gfn + slot.pgoff : -1;
    if (!pages.some((p) => p.index === index && p.content !== undefined))
      throw new InputError(
        `${at(given.file, place.at)}: sept[${gfn}] needs a page of gmem0 there: filemap[${Math.max(index, 0)}]`,
      );
    const isHuge = values[1]?.text === '2M';
    if (values[1] && (!isHuge || !huge || gfn % huge.leaf !== 0 || index % huge.leaf !== 0))
      given.expected(values[1], 'at most 2M behind it, at the first gfn of a leaf');
    for (let i = 0; i < (isHuge ? huge!.leaf : 1); i++)
      mapped.set(index + i, {
        gfn: gfn + i,
        accepted: accepted === 1,
        ...(isHuge ? { huge: true } : {}),
      });
  }
  return pages.map((p) => (mapped.has(p.index) ? { ...p, sept: mapped.get(p.index)! } : p));
}
