import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { BLOCKED, FINE, type Machine } from '../../src/core/machine.js';
import { step, type Flow } from '../../src/core/flow.js';
import { int, struct } from '../../src/core/struct.js';
import type { Memory } from '../../src/core/memory.js';
import { ContextBoundedSearch } from '../../src/explore/contexts.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { hashRow, StateTable } from '../../src/explore/states.js';
import { Batch, NEW } from '../../src/explore/table/batch.js';
import { Misuse, oracle, TooBig } from './oracle.js';
import { machineOf, programs } from './programs.js';
import { build, op, type Tiny } from './world.js';
import { seedOf } from '../model/seed.js';

/** Breadth-first, one successor after the other, each looked up when it is its turn. */
function oneByOne(machine: Machine): { states: StateTable; transitions: number } {
  const states = new StateTable(machine.initialNodes.length + 1);
  const row = Int32Array.of(machine.initialMemory, ...machine.initialNodes);
  states.add(row, hashRow(row), -1);
  let transitions = 0;
  for (let id = 0; id < states.count; id++) {
    for (let a = 1; a < row.length; a++) {
      states.read(id, row);
      const node = row[a]!;
      for (let option = 0; option < machine.options[node]!; option++) {
        states.read(id, row);
        const at = machine.look(row[0]!, node + option);
        if (machine.moves.memoryAt(at) === BLOCKED) continue;
        transitions++;
        row[0] = machine.moves.memoryAt(at);
        row[a] = machine.moves.nodeAt(at);
        states.add(row, hashRow(row), id);
      }
    }
  }
  return { states, transitions };
}

function journalOf(machine: Machine): string[] {
  const moves: string[] = [];
  machine.moves.journal = (memory, move) => moves.push(`${memory} ${move}`);
  return moves;
}

/** Everything has the same number, and was tried in the same order. */
function sameSearch(first: Machine, second: Machine): number {
  const [expected, tried] = [journalOf(first), journalOf(second)];
  const plain = oneByOne(first);
  const search = new ExhaustiveSearch(second, { maxStates: 1e6 });
  const result = search.run();
  expect(result.verdict).toBe('holds');
  expect(result.transitions).toBe(plain.transitions);
  expect(search.states.count).toBe(plain.states.count);
  expect(tried).toEqual(expected);
  const [a, b] = [new Int32Array(plain.states.width), new Int32Array(plain.states.width)];
  for (let id = 0; id < plain.states.count; id++) {
    plain.states.read(id, a);
    search.states.read(id, b);
    if (a.join() !== b.join()) expect(b.join(), `state ${id}`).toBe(a.join());
    if (plain.states.parent(id) !== search.states.parent(id)) expect(id, 'parent').toBe(-1);
  }
  return result.states;
}

describe('looking ahead at the successors of many states', () => {
  it('gives everything the number that it has one by one, in random programs', () => {
    const holds = programs.filter((p) => {
      try {
        // Most programs break something soon, which other ways of searching see at once.
        const bounds = { maxStates: 100_000 };
        if (new ContextBoundedSearch(machineOf(p), bounds).run().verdict !== 'holds') return false;
        const facts = oracle(p, 1500);
        return (
          facts.distance.size === 0 && facts.states > 20 && p.condition.quantifier !== 'exists'
        );
      } catch (error) {
        const kinds = [EngineError, TooBig, Misuse];
        if (kinds.some((kind) => error instanceof kind)) return false;
        throw error;
      }
    });
    let most = 0;
    fc.assert(
      fc.property(holds, (p) => {
        most = Math.max(most, sameSearch(machineOf(p), machineOf(p)));
      }),
      { numRuns: 40, seed: seedOf(1) },
    );
    expect(most).toBeGreaterThan(300);
  });

  it('and where tables grow, columns widen and moves are tried amid a block', () => {
    // The first actor changes the memory, the others only move on: most of what
    // they do is known when a block is looked ahead at.
    const Cells = struct({ x: int(0, 400) });
    type S = ReturnType<typeof Cells.place>;
    const idle = (): Flow<void> => step('idle', () => {});
    const climb = (s: S): Flow<void> => step('up', () => void s.x++);
    const actor = (what: (s: S) => Flow<void>, times: number) => (s: S) =>
      Array.from({ length: times }, () => op('f', () => what(s)));
    const tiny: Tiny<S> = {
      state: (memory: Memory) => Cells.place(memory, 's'),
      programs: [actor(climb, 300), actor(idle, 270), actor(idle, 2), actor(idle, 1)],
    };
    expect(sameSearch(build(tiny).machine, build(tiny).machine)).toBe(301 * 271 * 3 * 2);
  });

  it('leaves what is broken where it is', () => {
    const Cells = struct({ x: int(0, 200) });
    const tiny: Tiny<ReturnType<typeof Cells.place>> = {
      state: (memory: Memory) => Cells.place(memory, 's'),
      programs: [0, 1].map(() => (s) => [
        op('f', function* () {
          for (let i = 0; i < 90; i++) yield* step('up', () => void s.x++);
        }),
      ]),
      properties: (s) => ({ low: () => s.x < 100 }),
    };
    const { machine } = build(tiny);
    const moves = journalOf(machine);
    const result = new ExhaustiveSearch(machine, { maxStates: 1e6 }).run();
    expect(result).toMatchObject({ verdict: 'violated', property: 'low' });
    expect(result.schedule).toHaveLength(100);
    // Nothing was tried behind the move that broke it.
    const last = moves.at(-1)!.split(' ').map(Number) as [number, number];
    const at = machine.moves.find(...last);
    expect(machine.broken[machine.moves.memoryAt(at)]).not.toBe(FINE);
  });
});

describe('a batch', () => {
  const row = fc.tuple(fc.nat(4), fc.nat(5), fc.nat(5), fc.nat(5)).map((r) => Int32Array.from(r));

  it('finds what find() finds, and adds what add() adds', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 80 }), fc.nat(3), (rows, known) => {
        const [one, other] = [new StateTable(4), new StateTable(4)];
        for (const r of rows.filter((_, i) => i % 4 <= known))
          for (const t of [one, other]) t.add(r, hashRow(r), 0);
        const batch = new Batch();
        const staged: Int32Array[] = [];
        for (const r of rows.slice(0, one.count)) {
          // A move of state 0 in its first column.
          const from = new Int32Array(4);
          one.read(0, from);
          const after = Int32Array.of(r[0]!, r[1]!, from[2]!, from[3]!);
          if (one.stage(batch, 0, 1, r[0]!, r[1]!, hashRow(after))) staged.push(after);
        }
        expect(batch.count).toBe(staged.length);
        one.locate(batch);
        // Where another state has the same hash, adding goes on looking.
        staged.forEach((s, i) => expect([one.find(s, hashRow(s)), NEW]).toContain(batch.id[i]));
        staged.forEach((s, i) => {
          const expected = other.add(s, hashRow(s), 0);
          expect(batch.id[i] === NEW ? one.addLocated(batch, i, 0) : ~batch.id[i]!).toBe(expected);
        });
      }),
      { numRuns: 150, seed: seedOf(692984529) },
    );
  });
});
