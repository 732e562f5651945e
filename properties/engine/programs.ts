import fc from 'fast-check';
import { again, call, choose, step, test, type Flow } from '../../src/core/flow.js';
import {
  lock,
  lockShared,
  rwlock,
  rwsem,
  tryLock,
  unlock,
  unlockShared,
  type Lock,
} from '../../src/core/locks.js';
import type { Machine } from '../../src/core/machine.js';
import type { Memory } from '../../src/core/memory.js';
import { refcount, type Refcount } from '../../src/core/refcount.js';
import { seqcount, type SeqCount } from '../../src/core/seqcount.js';
import { int, table, type Table } from '../../src/core/struct.js';
import { build, op, type Tiny } from './world.js';

/** Cells hold 0..2; every function has one local, r, that starts as its argument. */
export const CELLS = 2;
export const LOCKS = 2;
const MOST_REFERENCES = 2;

export type Statement =
  | { k: 'set'; cell: number; value: number }
  | { k: 'bump'; cell: number }
  | { k: 'load'; cell: number }
  | { k: 'store'; cell: number }
  | { k: 'wait'; cell: number; value: number }
  | { k: 'with'; lock: number; shared: boolean; body: Statement[] }
  | { k: 'try'; lock: number; body: Statement[] }
  | { k: 'choose'; costs: number[] }
  | { k: 'if'; value: number; yes: Statement[]; no: Statement[] }
  | { k: 'call'; callee: number; arg: number }
  | { k: 'retry'; cell: number; value: number }
  /** Waits for a cell, or takes a signal, which costs. */
  | { k: 'poll'; cell: number; value: number; cost: number }
  /** Takes a lock by trying again and again. */
  | { k: 'spin'; lock: number; body: Statement[] }
  /** Takes one lock, then tries the other; gives up both and begins again. */
  | { k: 'backoff'; first: number; body: Statement[] }
  /** Takes a snapshot of a sequence counter, then looks whether it still stands. */
  | { k: 'watch' }
  | { k: 'advance' }
  /** Takes a reference, then drops it: was it the last? */
  | { k: 'hold' }
  /** A reference that belongs to nobody: taken unless it is there, dropped if it is. */
  | { k: 'keep' }
  | { k: 'letGo' };

/** What a random world is about: functions, who calls which, what must hold. */
export interface Program {
  readonly functions: readonly (readonly Statement[])[];
  readonly actors: readonly (readonly number[])[];
  readonly budget: number;
  /** Do readers wait behind writers who wait? Of the second lock. */
  readonly queues?: boolean;
  /** Never both cells at these values. */
  readonly bad: readonly number[];
  readonly condition: {
    readonly quantifier: 'exists' | 'not exists' | 'forall' | 'always' | 'never';
    readonly of: 'result' | 'cell' | 'both';
    readonly value: number;
  };
}

const cell = fc.nat(CELLS - 1);
const value = fc.nat(2);
const lockNumber = fc.nat(LOCKS - 1);

const poll = fc.record({
  k: fc.constant('poll' as const),
  cell,
  value,
  cost: fc.integer({ min: 1, max: 2 }),
});

type Kind = 'plain' | 'restless' | 'counting';

/** Statements of function `self`, which calls only functions after it. */
function body(self: number, depth: number, kind: Kind): fc.Arbitrary<Statement[]> {
  const leaves: fc.Arbitrary<Statement>[] = [
    fc.record({ k: fc.constant('set' as const), cell, value }),
    fc.record({ k: fc.constant('bump' as const), cell }),
    fc.record({ k: fc.constant('load' as const), cell }),
    fc.record({ k: fc.constant('store' as const), cell }),
    kind === 'restless' ? poll : fc.record({ k: fc.constant('wait' as const), cell, value }),
    fc.record({
      k: fc.constant('choose' as const),
      costs: fc.array(fc.nat(2), { maxLength: 2 }).map((more) => [0, ...more]),
    }),
  ];
  if (kind === 'counting')
    for (const k of ['watch', 'advance', 'hold', 'keep', 'letGo'] as const)
      leaves.push(fc.record({ k: fc.constant(k) }));
  if (self < 2)
    leaves.push(
      fc.record({
        k: fc.constant('call' as const),
        callee: fc.integer({ min: self + 1, max: 2 }),
        arg: value,
      }),
    );
  // Only at a function's top level, where it holds nothing of its own.
  if (depth === 0) leaves.push(fc.record({ k: fc.constant('retry' as const), cell, value }));
  const inner = depth < 2 ? body(self, depth + 1, kind) : undefined;
  const nested: fc.Arbitrary<Statement>[] = inner
    ? [
        fc.record({
          k: fc.constant('with' as const),
          lock: lockNumber,
          shared: fc.boolean(),
          body: inner,
        }),
        fc.record({ k: fc.constant('try' as const), lock: lockNumber, body: inner }),
        fc.record({ k: fc.constant('if' as const), value, yes: inner, no: inner }),
      ]
    : [];
  // Where nothing of its own is held, a function may begin again.
  if (kind === 'restless' && depth === 0 && inner) {
    const spin = fc.record({ k: fc.constant('spin' as const), lock: lockNumber, body: inner });
    const backoff = fc.record({
      k: fc.constant('backoff' as const),
      first: lockNumber,
      body: inner,
    });
    nested.push(spin, backoff, backoff);
  }
  return fc.array(fc.oneof(...leaves, ...nested, ...nested), {
    minLength: depth ? 0 : 1,
    maxLength: 3,
  });
}

const programsOf = (kind: Kind): fc.Arbitrary<Program> =>
  fc.record({
    functions: fc.tuple(body(0, 0, kind), body(1, 0, kind), body(2, 0, kind)),
    actors: fc.array(fc.array(fc.nat(2), { maxLength: 2 }), { minLength: 2, maxLength: 3 }),
    budget: fc.nat(2),
    bad: fc.tuple(value, value),
    condition: fc.record({
      quantifier: fc.constantFrom('exists', 'not exists', 'forall', 'always', 'never'),
      of: fc.constantFrom('result', 'cell', 'both'),
      value,
    }),
  });

export const programs = programsOf('plain');

/** With a lock whose writers queue. */
export const queueing = programs.map((p) => ({ ...p, queues: true }));

/** With sequence counters and references, too. */
export const counting = programsOf('counting');

/** With more ways to wait, to spin and to be woken by a signal. */
export const restless = programsOf('restless');

/** Actors that try again and again, and get into each other's way. */
export const skirmishes: fc.Arbitrary<Program> = restless.chain((p) => {
  const touch = fc.oneof(
    fc.record({ k: fc.constant('set' as const), cell, value }),
    fc.record({ k: fc.constant('bump' as const), cell }),
  );
  const inside = fc.array(touch, { maxLength: 1 });
  const fight = fc.oneof(
    fc.record({ k: fc.constant('spin' as const), lock: lockNumber, body: inside }),
    fc.record({ k: fc.constant('backoff' as const), first: lockNumber, body: inside }),
    fc.record({
      k: fc.constant('with' as const),
      lock: lockNumber,
      shared: fc.constant(false),
      body: inside,
    }),
  );
  const begin = fc.array(fc.oneof(touch, fight, fight), { minLength: 1, maxLength: 2 });
  const retry = fc.array(fc.record({ k: fc.constant('retry' as const), cell, value }), {
    maxLength: 1,
  });
  const function_ = fc.tuple(begin, retry).map(([first, last]) => [...first, ...last]);
  return fc
    .tuple(function_, function_, function_)
    .map((functions) => ({ ...p, functions, actors: p.actors.map((_, a) => [a]) }));
});

interface State {
  readonly cells: Table;
  readonly locks: readonly Lock[];
  readonly seq: SeqCount;
  readonly refs: Refcount;
}

/** The program as a world of the engine. */
export function tinyOf(p: Program): Tiny<State> {
  return {
    state: (memory: Memory) => ({
      cells: table(CELLS, int(0, 2)).place(memory, 'x'),
      locks: Array.from({ length: LOCKS }, (_, i) =>
        (p.queues && i === LOCKS - 1 ? rwsem : rwlock)('l').place(memory, `l${i}`),
      ),
      seq: seqcount('seq').place(memory, 'seq'),
      refs: refcount(MOST_REFERENCES).place(memory, 'refs'),
    }),
    programs: p.actors.map((calls) => (s) => {
      const functions = compile(p, s);
      return calls.map((f) => op(`f${f}`, functions[f]!, 0));
    }),
    outcomes: ['r'],
    budget: p.budget,
    properties: ({ cells }) => ({
      bad: () => !(cells.load(0) === p.bad[0] && cells.load(1) === p.bad[1]),
    }),
    condition: ({ cells }, ledger) => ({
      quantifier: p.condition.quantifier,
      holds: () => {
        if (p.condition.of === 'both')
          return cells.load(0) === p.condition.value && cells.load(1) !== p.condition.value;
        if (p.condition.of === 'cell' || p.actors[0]!.length === 0)
          return cells.load(0) === p.condition.value;
        return ledger.memory.load(ledger.address(0, 0, 0)) === p.condition.value;
      },
    }),
  };
}

/** Could a reader take a lock again somewhere? Counted without looking at who calls whom. */
export function mayRecurse(p: Program): boolean {
  const shared = (s: Statement): number => {
    if (s.k === 'with') return Number(s.shared) + s.body.reduce((n, b) => n + shared(b), 0);
    if (s.k === 'try' || s.k === 'spin' || s.k === 'backoff')
      return s.body.reduce((n, b) => n + shared(b), 0);
    if (s.k === 'if') return [...s.yes, ...s.no].reduce((n, b) => n + shared(b), 0);
    return 0;
  };
  return p.functions.flat().reduce((n, s) => n + shared(s), 0) > 1;
}

export function machineOf(p: Program): Machine {
  return build(tinyOf(p)).machine;
}

type Local = { r: number };
type Function_ = (arg: number) => Flow<number>;

const compiled = new WeakMap<State, Function_[]>();

/** One generator function per function of the program, shared by all actors. */
function compile(p: Program, s: State): Function_[] {
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
      yield* one.shared ? lockShared('lock', l) : lock('lock', l);
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
      yield* lock('lock', first);
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
