import { choose, step, test, type Flow } from '../../src/core/flow.js';
import { lock, mutex, unlock, type Lock } from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';

const Stock = struct({ lock: mutex('stock->lock'), count: int(0, 9) });

/** What the toy's functions share. */
export interface Toy {
  readonly stock: ReturnType<typeof Stock.place>;
}

export const placeToy = (memory: Memory): Toy => ({ stock: Stock.place(memory, 'stock') });

export const ENOMEM = 12;
export const EAGAIN = 11;
const FULL = 2;

const stock_lock = (l: Lock): Flow => lock('mutex_lock(&stock->lock)', l);
const stock_unlock = (l: Lock): Flow => unlock('mutex_unlock(&stock->lock)', l);

/** Three ways out, each with the same unlock: only its place tells which. */
export function* refill(k: Toy, number: number): Flow<number> {
  const { stock } = k;
  yield* stock_lock(stock.lock);
  const failed = yield* choose('item = kmalloc()', [
    { name: '', cost: 0 },
    { name: '-ENOMEM', cost: 1 },
  ]);
  if (failed) {
    yield* stock_unlock(stock.lock);
    return -ENOMEM;
  }
  if (yield* test('stock_is_full()', () => stock.count >= FULL)) {
    yield* stock_unlock(stock.lock);
    return -EAGAIN;
  }
  for (let item = 0; item < number; item++) yield* add(k, item);
  yield* stock_unlock(stock.lock);
  return 0;
}

/** A helper without a frame of its own. */
function* add({ stock }: Toy, item: number) {
  yield* step(`add(item ${item})`, () => void stock.count++);
}
