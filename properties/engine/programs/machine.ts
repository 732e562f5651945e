import { rwlock, rwsem } from '../../../src/core/locks.js';
import type { Machine } from '../../../src/core/machine.js';
import type { Memory } from '../../../src/core/memory.js';
import { refcount } from '../../../src/core/refcount.js';
import { seqcount } from '../../../src/core/seqcount.js';
import { int, table } from '../../../src/core/struct.js';
import { build, op, type Tiny } from '../world.js';
import { CELLS, LOCKS, type Program } from './program.js';
import { compile, type State } from './run.js';

const MOST_REFERENCES = 2;

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

export function machineOf(p: Program): Machine {
  return build(tinyOf(p)).machine;
}
