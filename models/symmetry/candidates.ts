import type { Call } from '../operations.js';
import type { Column, Initial, Scenario } from '../scenario.js';
import { hasSlotFlags, hostPagesGo, namesUserspaceAddr } from '../modes.js';
import { Rename } from './rename.js';

/** More columns than this have more orders than are worth trying. */
const MOST = 6;

/**
 * Renamings under which a scenario stays the same: its columns change places,
 * with their vCPUs, the pages they work on and the values they write. None where vCPUs have
 * roots of their own, or host frames names. Of several
 * VMs each keeps its place, and so do their columns.
 */
export function candidates(s: Scenario): Rename[] {
  if (
    s.columns.length > MOST ||
    s.vms ||
    s.modes ||
    s.smmSlots ||
    hostPagesGo(s.columns) ||
    hasSlotFlags(s) ||
    namesUserspaceAddr(s.columns)
  )
    return [];
  return orders(s.columns)
    .map((order) => renamed(s, order))
    .filter((r) => r !== undefined)
    .filter((r) => !s.huge || r.isIdentity('page'))
    .filter((r) => !r.isIdentity('actor') && keepsInitial(s.initial, r));
}

/** Every way to put columns in the place of columns that do the same operations. */
function orders(columns: readonly Column[]): number[][] {
  const alike = (a: number, b: number): boolean =>
    columns[a]!.calls.map((c) => c.op).join() === columns[b]!.calls.map((c) => c.op).join();
  let partial: number[][] = [[]];
  for (let place = 0; place < columns.length; place++)
    partial = partial.flatMap((order) =>
      columns.flatMap((_, i) => (!order.includes(i) && alike(place, i) ? [[...order, i]] : [])),
    );
  return partial;
}

function renamed(s: Scenario, order: readonly number[]): Rename | undefined {
  const rename = new Rename();
  const fits = order.every(
    (image, column) =>
      rename.pair('actor', column, image) &&
      s.columns[column]!.calls.every((call, op) =>
        correspond(rename, s, call, s.columns[image]!.calls[op]!),
      ),
  );
  return fits && rename.isPermutation ? rename : undefined;
}

/** Lets one call become the other, if that can be. */
function correspond(r: Rename, s: Scenario, a: Call, b: Call): boolean {
  const column = (name: string): number => s.columns.findIndex((c) => c.name === name);
  for (const key of Object.keys({ ...a, ...b })) {
    const [x, y] = [(a as never)[key] as unknown, (b as never)[key] as unknown];
    if (typeof x !== typeof y) return false;
    if (key === 'vcpu') {
      if (!r.pair('vcpu', Number(x), Number(y))) return false;
    } else if (key === 'value') {
      if (!r.pair('value', Number(x), Number(y))) return false;
    } else if (key === 'gfn' || key === 'offset' || key === 'index') {
      if (!r.pages(Number(x), Number(y), lengthOf(a))) return false;
    } else if (key === 'column') {
      if (!r.pair('actor', column(String(x)), column(String(y)))) return false;
    } else if (x !== y) return false;
  }
  return true;
}

const lengthOf = (c: Call): number => ('npages' in c ? c.npages : c.op === 'fallocate' ? c.len : 1);

/** A world whose beginning tells pages or values apart keeps them where they are. */
function keepsInitial(initial: Initial, r: Rename): boolean {
  if (!r.isIdentity('value') && initial.pages.some((p) => (p.content ?? 0) > 0)) return false;
  if (r.isIdentity('page')) return true;
  const { attributes, slots, pages, sizes } = initial;
  return (
    sizes.length === 1 &&
    pages.length === 0 &&
    attributes.every((isPrivate, gfn) => attributes[r.of('page', gfn)] === isPrivate) &&
    slots.every((slot) => slot.gfn === slot.pgoff && isKept(slot.gfn, slot.npages, r))
  );
}

function isKept(first: number, length: number, r: Rename): boolean {
  for (let i = first; i < first + length; i++) {
    const image = r.of('page', i);
    if (image < first || image >= first + length) return false;
  }
  return true;
}
