import { choose, type Flow } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';

/**
 * Steps interleave as on a machine that never reorders. Where a test says
 * `without=smp_wmb` or `without=smp_rmb` the kernel is one that lacks those
 * barriers, on a machine that then does reorder what they keep apart: what
 * breaks shows what they are for.
 */

/** Two stores with smp_wmb() between them. */
export function* smp_wmb(k: Kernel, first: () => Flow, second: () => Flow) {
  if (k.shape.without !== 'smp_wmb' || !(yield* reordered('stores'))) {
    yield* first();
    yield* second();
  } else {
    yield* second();
    yield* first();
  }
}

/** Two loads with smp_rmb() between them. @returns what the second one read */
export function* smp_rmb(k: Kernel, first: () => Flow, second: () => Flow<boolean>) {
  if (k.shape.without === 'smp_rmb' && (yield* reordered('loads'))) {
    const early = yield* second();
    yield* first();
    return early;
  }
  yield* first();
  return yield* second();
}

function* reordered(what: string) {
  const option = yield* choose(`the next two ${what}`, [
    { name: 'in order', cost: 0 },
    { name: 'reordered', cost: 0 },
  ]);
  return option !== 0;
}
