import { choose } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';

/** The environment may send a signal, out of the fault budget. */
export function* signal_pending(k: Kernel) {
  if (k.shape.faults === 0) return false;
  const pending = yield* choose('signal_pending(current)', [
    { name: '', cost: 0 },
    { name: 'yes', cost: 1 },
  ]);
  return pending !== 0;
}
