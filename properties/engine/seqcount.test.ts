import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { again, step, test, type Flow } from '../../src/core/flow.js';
import { CLOSED, Memory, WRITE } from '../../src/core/memory.js';
import { seqcount } from '../../src/core/seqcount.js';
import { struct } from '../../src/core/struct.js';
import { explore, op, type Tiny } from './world.js';
import { seedOf } from '../model/seed.js';

const Cells = struct({ seq: seqcount('snapshot') });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;
const ACTORS = 3;

describe('a sequence counter', () => {
  const action = fc.record({
    actor: fc.nat(ACTORS - 1),
    what: fc.constantFrom('advance', 'snapshot', 'compare', 'drop'),
  });

  it('has changed exactly when a real counter has advanced since the snapshot', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const memory = new Memory(ACTORS);
        const { seq } = state(memory);
        memory.seal();
        memory.access = WRITE;
        let counter = 0;
        const snapshots = new Map<number, number>();
        for (const { actor, what } of actions) {
          memory.actor = actor;
          const live = snapshots.get(actor);
          if (what === 'advance') {
            counter++;
            seq.advance();
          } else if (what === 'snapshot') {
            snapshots.set(actor, counter);
            seq.snapshot();
          } else if (what === 'drop') {
            snapshots.delete(actor);
            seq.resource().dropAtReturn!();
          } else if (live === undefined) {
            expect(() => seq.changed).toThrow(/compared without a snapshot/);
          } else expect(seq.changed).toBe(live !== counter);
          for (let a = 0; a < ACTORS; a++) {
            expect(seq.isLive(a)).toBe(snapshots.has(a));
            expect(seq.isChanged(a)).toBe(snapshots.has(a) && snapshots.get(a) !== counter);
          }
        }
        memory.access = CLOSED;
      }),
      { numRuns: 300, seed: seedOf(1) },
    );
  });

  const ticker = function* (s: S): Flow {
    yield* step('advance', () => s.seq.advance());
    yield* again();
  };
  const reader = function* (s: S): Flow {
    yield* step('begin', () => s.seq.snapshot(), { acquires: [s.seq.resource()] });
    if (yield* test('changed?', () => s.seq.changed)) yield* again();
  };
  const world = (readers: number): Tiny<S> => ({
    state,
    programs: [
      (s) => [op('tick', () => ticker(s))],
      ...Array.from({ length: readers }, () => (s: S) => [op('read', () => reader(s))]),
    ],
  });

  it('that advances for ever makes finitely many states', () => {
    // A reader: before, equal, stale, done. Moves: the ticker's, from each of the
    // four (from equal to stale, elsewhere to where it was), and the reader's
    // from three.
    expect(explore(world(1))).toMatchObject({ states: 4, transitions: 7, verdict: 'holds' });
    // Two readers are independent but for the ticker, which makes both stale:
    // 4 x 4, of which all can be: one may begin after the other went stale.
    expect(explore(world(2))).toMatchObject({ states: 16, transitions: 16 + 2 * 3 * 4 });
  });
});
