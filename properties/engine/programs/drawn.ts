import fc from 'fast-check';
import { CELLS, LOCKS, type Program, type Statement } from './program.js';

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
