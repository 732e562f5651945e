import { choose, step, test } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';

/** A signal that another thread has sent, or one that comes out of the fault budget. */
export function* signal_pending(k: Kernel) {
  if (k.shape.signals && (yield* sigpending(k))) return true;
  if (k.shape.faults === 0) return false;
  const pending = yield* choose('signal_pending(current)', [
    { name: '', cost: 0 },
    { name: 'yes', cost: 1 },
  ]);
  return pending !== 0;
}

export const sigpending = (k: Kernel) =>
  test('signal_pending(current): sent', () => current(k).sigpending);

/** On the way back to user space, where its handler runs. */
export const deliver_signal = (k: Kernel) =>
  step('exit_to_user_mode_loop(): signals', () => {
    current(k).sigpending = false;
  });

const current = (k: Kernel) => k.tasks[k.memory.actor]!;
