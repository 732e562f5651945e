import { describe, expect, it } from 'vitest';
import { again, call, step, test, type Flow } from '../../src/core/flow.js';
import { lock, mutex, unlock } from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { seqcount } from '../../src/core/seqcount.js';
import { bool, int, struct } from '../../src/core/struct.js';
import { traceOf } from '../../src/core/trace.js';
import { build, explore, op, order, type Tiny } from './world.js';

const Cells = struct({
  open: bool(),
  progress: int(0, 9),
  m: mutex('m'),
  seq: seqcount('snapshot'),
});
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

/** Loops until somebody opens. */
const poll = (s: S) =>
  function* (): Flow {
    if (!(yield* test('open?', () => s.open))) yield* again();
  };
const opener = (s: S) => [op('open', () => step('open', () => void (s.open = true)))];
const nop = (label: string) => step(label, () => {});

describe('a retry restarts the frame that loops', () => {
  it('is a cycle: finitely many states', () => {
    // Poller at 'open?' or done, opener not yet or done. (done, not yet) cannot
    // be: 3 states. Transitions: poll in vain (a self-loop) and open; then poll.
    const tiny: Tiny<S> = { state, programs: [(s) => [op('poll', poll(s))], opener] };
    expect(explore(tiny)).toMatchObject({ states: 3, transitions: 3, verdict: 'holds' });
  });

  it('forgets what the frame itself has done', () => {
    // Two steps around the loop: 'a' then 'open?'. Poller at a, at open?, done.
    // Closed: (a), (open?). Open: (a), (open?), (done). 5 states, though the
    // loop may turn for ever. Transitions: closed a, open; closed open?, open;
    // open a; open open?. That is 6.
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [
          op('poll', function* () {
            yield* nop('a');
            if (!(yield* test('open?', () => s.open))) yield* again();
          }),
        ],
        opener,
      ],
    };
    expect(explore(tiny)).toMatchObject({ states: 5, transitions: 6, verdict: 'holds' });
  });

  it('leaves callers where they are, with what they hold and have done', () => {
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [
          op('outer', function* () {
            yield* lock('lock', s.m);
            yield* step('progress', () => {
              s.progress++;
            });
            yield* call('poll', poll(s));
            yield* unlock('unlock', s.m);
          }),
        ],
        opener,
      ],
      properties: (s) => ({ once: () => s.progress <= 1 }),
    };
    // lock, progress, [open?]: closed 4 places (lock, progress, open?), that is 3;
    // open: the same 3, unlock, done: 5.
    expect(explore(tiny)).toMatchObject({ states: 8, verdict: 'holds' });
    const { steps } = traceOf(build(tiny).machine, order(0, 0, 0, 0, 1, 0, 0));
    expect(steps.map((s) => [s.label, s.retried, s.held.length])).toEqual([
      ['lock', false, 1],
      ['progress', false, 1],
      ['open?', true, 1],
      ['open?', true, 1],
      ['open', false, 0],
      ['open?', false, 1],
      ['unlock', false, 0],
    ]);
    expect(steps[3]!.frames.map((f) => f.name)).toEqual(['outer', 'poll']);
  });

  it('restarts the frame with new arguments where it is given some', () => {
    const count = (s: S) =>
      function count(n: number): Flow<number> {
        return (function* (): Flow<number> {
          yield* step(`at ${n}`, () => void (s.progress = n));
          if (n < 3) yield* again(n + 1);
          return n;
        })();
      };
    const tiny: Tiny<S> = {
      state,
      outcomes: ['r'],
      programs: [
        (s) => [
          op('outer', function* () {
            return yield* call('count', count(s), 1);
          }),
        ],
      ],
      condition: (_, ledger) => ({
        quantifier: 'forall',
        holds: () => ledger.memory.load(ledger.address(0, 0, 0)) === 3,
      }),
    };
    expect(explore(tiny)).toMatchObject({ states: 4, transitions: 3, verdict: 'holds' });
    const { steps } = traceOf(build(tiny).machine, order(0, 0, 0));
    expect(steps.map((s) => s.frames.at(-1)!.args)).toEqual([['1'], ['2'], ['3']]);
    expect(steps.map((s) => s.retried)).toEqual([true, true, false]);
  });

  it('restarts a whole operation when the loop is in its outermost function', () => {
    const tiny: Tiny<S> = {
      state,
      programs: [(s) => [op('first', () => nop('first')), op('poll', poll(s))], opener],
    };
    const { steps } = traceOf(build(tiny).machine, order(0, 0, 0, 1, 0));
    expect(steps.map((s) => [s.label, s.operation])).toEqual([
      ['first', 0],
      ['open?', 1],
      ['open?', 1],
      ['open', 0],
      ['open?', 1],
    ]);
  });
});

describe('what a frame holds when it starts over', () => {
  it('must be nothing, whatever it declares to leave when it returns', () => {
    for (const leaves of [[], ['m']]) {
      const flow = (s: S) =>
        Object.assign(
          function* (): Flow {
            yield* lock('lock', s.m);
            yield* again();
          },
          { leaves },
        );
      const tiny: Tiny<S> = { state, programs: [(s) => [op('f', flow(s))]] };
      expect(() => explore(tiny)).toThrow(/f ends holding s\.m/);
    }
  });

  it("must include all of its caller's", () => {
    const flow = (s: S) =>
      function* (): Flow {
        yield* unlock('unlock', s.m);
        yield* again();
      };
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [
          op('outer', function* () {
            yield* lock('lock', s.m);
            yield* call('inner', flow(s));
          }),
        ],
      ],
    };
    expect(() => explore(tiny)).toThrow(/inner gives up s\.m/);
  });

  it('snapshots die: the next turn takes its own', () => {
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [
          op('read', function* () {
            yield* step('begin', () => s.seq.snapshot(), { acquires: [s.seq.resource()] });
            if (yield* test('changed?', () => s.seq.changed)) yield* again();
          }),
        ],
        (s) => [op('advance', () => step('advance', () => s.seq.advance()))],
      ],
    };
    // Before advance: begin, changed? (equal), done. After: begin, changed?
    // (equal), changed? (stale), done. 7 states.
    // Transitions: before: begin + advance, check + advance, done + advance: 5.
    // After: begin, check (equal) to done, check (stale) back to begin: 3.
    expect(explore(tiny)).toMatchObject({ states: 7, transitions: 8, verdict: 'holds' });
  });
});
