import { InputError } from '../../../src/core/index.js';
import { at } from '../../../src/litmus/parse.js';
import type { InitialSlot } from '../../scenario.js';
import type { Vms } from '../../state/vms.js';
import type { Assignments } from './assignments.js';

/** slot[s]=none, or (gfn, pages) or (gfn, pages, gmem, offset). */
export function readSlots(
  given: Assignments,
  count: number,
  gfns: number,
  pages: number,
  { files }: Vms,
): InitialSlot[] {
  const all = new Map<number, InitialSlot | undefined>();
  for (const { place, values } of given.named('slot')) {
    const slot = given.index(place, count);
    const { vm = 0 } = place;
    const [gfn, npages, file, pgoff = 0] = values.map((v) => v.number ?? NaN);
    const fits =
      gfn! >= 0 &&
      npages! >= 1 &&
      gfn! + npages! <= gfns &&
      (file === undefined || (files[file]?.vm === vm && pgoff >= 0 && pgoff + npages! <= pages));
    const none = values[0]!.text === 'none';
    if (!none && !fits)
      given.expected(
        values[0]!,
        `none, (gfn, pages) or (gfn, pages, gmem, offset) that fit ${gfns} gfns and ${pages} pages${ofVm(files, vm)}`,
      );
    const own = vm > 0 ? { vm } : {};
    all.set(slot, none ? undefined : { slot, ...own, gfn: gfn!, npages: npages!, file, pgoff });
  }
  if (!all.has(0))
    all.set(0, { slot: 0, gfn: 0, npages: Math.min(pages, gfns), file: 0, pgoff: 0 });
  return [...all.values()].filter((s) => s !== undefined).toSorted((a, b) => a.slot - b.slot);
}

function ofVm(files: Vms['files'], vm: number): string {
  const own = files.flatMap((f, n) => (f.vm === vm ? [`gmem${n}`] : []));
  return files.some((f) => f.vm > 0) ? `; of vm${vm} is ${own.join(', ')}` : '';
}

/** Slots that VMs but the first are given, counted from the first one. */
export function slotsNamed(given: Assignments): number {
  const others = given.named('slot').filter(({ place }) => place.vm !== undefined);
  return Math.max(1, ...others.map(({ place }) => (place.index ?? 0) + 1));
}

/** readonly[s]=yes: KVM_MEM_READONLY, of slots that are there. */
export function readReadonly(
  given: Assignments,
  count: number,
  placed: readonly InitialSlot[],
): InitialSlot[] {
  const named = given.named('readonly').map(({ place, values }) => {
    if (values[0]!.text !== 'yes') given.expected(values[0]!, 'yes');
    const slot = given.index(place, count);
    if (placed.every((s) => s.slot !== slot))
      throw new InputError(`${at(given.file, place.at)}: there is no slot ${slot}`);
    return slot;
  });
  return placed.map((s) => (named.includes(s.slot) ? { ...s, readonly: true } : s));
}

/** as[s]=smm: the slot is in the address space of SMM. */
export function readSmmSlots(given: Assignments, slots: number): number[] {
  return given.named('as').map(({ place, values }) => {
    if (values[0]!.text !== 'smm') given.expected(values[0]!, 'smm');
    return given.index(place, slots);
  });
}
