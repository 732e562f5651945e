import { step, type Flow } from '../../src/core/flow.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';
import { op, type Tiny } from './world.js';

// `seen` counts how far the steps of a bug have come in the order that makes it.
const Cells = struct({ seen: int(0, 20), flag: int(0, 9) });
export const state = (memory: Memory) => Cells.place(memory, 's');
export type S = ReturnType<typeof state>;

/** Actors run the steps of `programs`; a bug is these steps in exactly this order. */
export function ordered(programs: readonly string[], bug: string): Tiny<S> {
  const program = (name: string) => (s: S) =>
    function* (): Flow {
      for (const letter of name)
        yield* step(letter, () => {
          const next = bug[s.seen] === letter ? s.seen + 1 : 0;
          if (bug.includes(letter)) s.seen = s.seen === bug.length ? s.seen : next;
        });
    };
  return {
    state,
    programs: programs.map((name) => (s: S) => [op(name, program(name)(s))]),
    properties: (s) => ({ bug: () => s.seen < bug.length }),
  };
}
