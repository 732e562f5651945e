import { again, call, choose, step, test, type Flow } from '../../../src/core/flow.js';
import {
  lockQueued,
  lockShared,
  tryLock,
  unlock,
  unlockShared,
  type Lock,
} from '../../../src/core/locks.js';
import type { Refcount } from '../../../src/core/refcount.js';
import type { SeqCount } from '../../../src/core/seqcount.js';
import type { Table } from '../../../src/core/struct.js';
import type { Program, Statement } from './program.js';

/** What programs work on. */
export interface State {
  readonly cells: Table;
  readonly locks: readonly Lock[];
  readonly seq: SeqCount;
  readonly refs: Refcount;
}

type Local = { r: number };
type Function_ = (arg: number) => Flow<number>;

const compiled = new WeakMap<State, Function_[]>();

/** One generator function per function of the program, shared by all actors. */
export function compile(p: Program, s: State): Function_[] {
  let functions = compiled.get(s);
  if (!functions) {
    functions = p.functions.map(
      (statements) =>
        function* (arg: number): Flow<number> {
          const local = { r: arg };
          yield* perform(p, s, statements, local);
          return local.r;
        },
    );
    compiled.set(s, functions);
  }
  return functions;
}

function* watch(seq: SeqCount): Flow<number> {
  yield* step('snapshot', () => seq.snapshot(), { acquires: [seq.resource()] });
  return Number(yield* test('compare', () => seq.changed));
}

function* perform(p: Program, s: State, statements: readonly Statement[], local: Local): Flow {
  for (const one of statements) yield* performOne(p, s, one, local);
}

function* performOne(p: Program, s: State, one: Statement, local: Local): Flow {
  const { cells } = s;
  switch (one.k) {
    case 'set':
      return yield* step('set', () => cells.store(one.cell, one.value));
    case 'bump':
      return yield* step('bump', () => cells.store(one.cell, (cells.load(one.cell) + 1) % 3));
    case 'load':
      local.r = yield* step('load', () => cells.load(one.cell));
      return;
    case 'store': {
      const { r } = local;
      return yield* step('store', () => cells.store(one.cell, r));
    }
    case 'wait':
      return yield* step('wait', () => {}, { when: () => cells.load(one.cell) === one.value });
    case 'with': {
      const l = s.locks[one.lock]!;
      yield* one.shared ? lockShared('lock', l) : lockQueued('lock', l);
      yield* perform(p, s, one.body, local);
      yield* one.shared ? unlockShared('unlock', l) : unlock('unlock', l);
      return;
    }
    case 'try': {
      const l = s.locks[one.lock]!;
      if (!(yield* tryLock('trylock', l))) return;
      yield* perform(p, s, one.body, local);
      yield* unlock('unlock', l);
      return;
    }
    case 'choose':
      local.r = yield* choose(
        'choose',
        one.costs.map((cost, i) => ({ name: `${i}`, cost })),
      );
      return;
    case 'if':
      return yield* perform(p, s, local.r === one.value ? one.yes : one.no, local);
    case 'call':
      local.r = yield* call(`f${one.callee}`, compile(p, s)[one.callee]!, one.arg);
      return;
    case 'watch':
      local.r = yield* call('watch', watch as never, ...([s.seq] as never[]));
      return;
    case 'advance':
      return yield* step('advance', () => s.seq.advance());
    case 'hold':
      yield* step('get', () => s.refs.get());
      local.r = Number(yield* test('put', () => s.refs.put()));
      return;
    case 'keep':
      return yield* step('keep', () => void (s.refs.shared = 1));
    case 'letGo':
      local.r = Number(
        yield* test('let go', () => (s.refs.shared > 0 ? s.refs.putShared() : false)),
      );
      return;
    case 'retry':
      local.r = yield* step('load', () => cells.load(one.cell));
      if (local.r !== one.value) yield* again();
      return;
    case 'poll':
      local.r = yield* choose(
        'poll',
        [
          { name: '', cost: 0 },
          { name: 'signal', cost: one.cost },
        ],
        (option) => option,
        { when: (option) => option === 1 || cells.load(one.cell) === one.value },
      );
      return;
    case 'spin': {
      const l = s.locks[one.lock]!;
      if (!(yield* tryLock('trylock', l))) yield* again();
      yield* perform(p, s, one.body, local);
      yield* unlock('unlock', l);
      return;
    }
    case 'backoff': {
      const first = s.locks[one.first]!;
      const second = s.locks[1 - one.first]!;
      yield* lockQueued('lock', first);
      if (!(yield* tryLock('trylock', second))) {
        yield* unlock('unlock', first);
        yield* again();
      }
      yield* perform(p, s, one.body, local);
      yield* unlock('unlock', second);
      yield* unlock('unlock', first);
    }
  }
}
