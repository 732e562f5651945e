import { step } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { boundBase } from '../state/hva.js';
import { NONE } from '../state/shape.js';
import type { GmemFile, Slot } from '../state/structs.js';
import { gmemName } from './gmem_files.js';

/** A slot's part of a range of indices, as gfns. */
export interface GfnRange {
  readonly start: number;
  readonly end: number;
}

/**
 * xa_for_each_range(&gmem->bindings): the parts of a range that are bound. Bindings
 * change only under the invalidate_lock, which the caller holds.
 */
export function* boundRanges(k: Kernel, file: GmemFile, start: number, end: number) {
  const bound = yield* step(`xa_for_each_range(&${gmemName(k, file)}->bindings)`, () =>
    slotsBound(file, start, end),
  );
  const ranges: GfnRange[] = [];
  for (let s = 0; s < k.shape.slots; s++) {
    if (!((bound >> s) & 1)) continue;
    const slot = k.slots[s]!;
    const low = yield* step('gfn_range.start', () =>
      gfnOf(k, slot, Math.max(slot.gmem_pgoff, start)),
    );
    const high = yield* step('gfn_range.end', () =>
      gfnOf(k, slot, Math.min(slot.gmem_pgoff + slot.npages, end)),
    );
    ranges.push({ start: low, end: high });
  }
  return ranges;
}

function slotsBound(file: GmemFile, start: number, end: number): number {
  let mask = 0;
  for (let i = start; i < Math.min(end, file.bindings.length); i++)
    if (file.bindings.load(i) !== NONE) mask |= 1 << file.bindings.load(i);
  return mask;
}

function gfnOf(k: Kernel, slot: Slot, index: number): number {
  return boundBase(k, slot) + index - slot.gmem_pgoff;
}
