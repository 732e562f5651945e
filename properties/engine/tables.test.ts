import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patchesOf } from '../../src/core/effects.js';
import { UNKNOWN } from '../../src/core/footprints.js';
import { MemoryTable } from '../../src/core/memories.js';
import { Memory, READ, WRITE } from '../../src/core/memory.js';
import { MoveTable } from '../../src/core/moves.js';
import { integers } from '../../src/explore/sampling/integers.js';
import { hashMemory, hashNode, hashRow, StateTable } from '../../src/explore/states.js';
import { seedOf } from '../model/seed.js';

describe('the table of states', () => {
  const WIDTH = 4;
  // Small numbers, so that rows repeat, and so that many are permutations of
  // each other: these have equal hashes, in full.
  const row = fc.tuple(fc.nat(2), fc.nat(5), fc.nat(5), fc.nat(5)).map((r) => Int32Array.from(r));

  it('is a map, under colliding hashes', () => {
    expect(hashRow(Int32Array.of(1, 2, 3, 4))).toBe(hashRow(Int32Array.of(1, 4, 2, 3)));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 300 }), (rows) => {
        const table = new StateTable(WIDTH);
        const known = new Map<string, number>();
        rows.forEach((r, i) => {
          const key = r.join();
          const id = table.add(r, hashRow(r), i);
          expect(id).toBe(known.has(key) ? ~known.get(key)! : known.size);
          if (id < 0) return;
          known.set(key, id);
          expect(table.parent(id)).toBe(i);
        });
        expect(table.count).toBe(known.size);
        const out = new Int32Array(WIDTH);
        for (const [key, id] of known) {
          table.read(id, out);
          expect(out.join()).toBe(key);
        }
      }),
      { seed: seedOf(1) },
    );
  });

  it('stays exact while it grows, over chunks and rehashing', () => {
    const table = new StateTable(3);
    const N = 150_000;
    const at = (i: number) => Int32Array.of(i % 7, i, (i * 31) % N);
    for (let i = 0; i < N; i++)
      if (table.add(at(i), hashRow(at(i)), i - 1) !== i) expect(i).toBe(-1);
    const out = new Int32Array(3);
    for (let i = 0; i < N; i++) {
      if (table.add(at(i), hashRow(at(i)), 0) !== ~i) expect(i).toBe(-1);
      table.read(i, out);
      if (out[1] !== i || out[2] !== (i * 31) % N || table.parent(i) !== i - 1) expect(i).toBe(-1);
    }
    expect(table.count).toBe(N);
    expect(table.bytes).toBeGreaterThan(N * 16);
  });

  it('can be given a hash that was brought up to date move by move', () => {
    fc.assert(
      fc.property(row, row, fc.integer({ min: 1, max: WIDTH - 1 }), (before, other, a) => {
        const after = before.slice();
        after[0] = other[0]!;
        after[a] = other[a]!;
        const updated =
          hashRow(before) ^
          hashMemory(before[0]!) ^
          hashMemory(after[0]!) ^
          hashNode(before[a]!) ^
          hashNode(after[a]!);
        expect(updated).toBe(hashRow(after));
      }),
      { seed: seedOf(2) },
    );
  });
});

describe('the table of memories', () => {
  function sealed(max: number, cells: number): Memory {
    const memory = new Memory(1);
    for (let i = 0; i < cells; i++) memory.declare(`c${i}`, 0, max, i % 2);
    memory.seal();
    memory.access = WRITE;
    return memory;
  }

  it.each([
    [9, 3],
    [9, 4],
    [70_000, 3],
    [2 ** 31 - 1, 1],
  ])('is a map: cells up to %i, %i of them', (max, cells) => {
    const values = fc.array(fc.oneof(fc.nat(2), fc.nat(max)), {
      minLength: cells,
      maxLength: cells,
    });
    fc.assert(
      fc.property(fc.array(values, { maxLength: 100 }), (rows) => {
        const memory = sealed(max, cells);
        const table = new MemoryTable(memory);
        const known = new Map<string, number>();
        for (const r of rows) {
          r.forEach((v, i) => memory.store(i, v));
          const expected = known.get(r.join()) ?? known.size;
          expect(table.intern()).toBe(expected);
          known.set(r.join(), expected);
        }
        for (const [key, id] of known) {
          table.restore(id);
          expect(Array.from({ length: cells }, (_, i) => memory.load(i)).join()).toBe(key);
        }
      }),
      { seed: seedOf(3) },
    );
  });

  it('knows a memory however it came about: restored, then changed in any words', () => {
    const CELLS = 6;
    const change = fc.record({
      restore: fc.option(fc.nat(1000)),
      stores: fc.array(fc.tuple(fc.nat(CELLS - 1), fc.nat(2)), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const memory = sealed(2 ** 31 - 1, CELLS);
        const table = new MemoryTable(memory);
        const known: string[] = [];
        for (const { restore, stores } of changes) {
          if (restore !== null && known.length > 0) table.restore(restore % known.length);
          for (const [cell, value] of stores) memory.store(cell, value);
          const contents = memory.words.join();
          const id = table.intern();
          expect(id).toBe(known.includes(contents) ? known.indexOf(contents) : known.length);
          if (id === known.length) known.push(contents);
        }
      }),
      { seed: seedOf(4) },
    );
  });

  it.each([9, 70_000, 2 ** 31 - 1])('patches words as cells are stored: cells up to %i', (max) => {
    const CELLS = 7;
    const change = fc.record({
      from: fc.nat(1000),
      stores: fc.array(fc.tuple(fc.nat(CELLS - 1), fc.oneof(fc.nat(2), fc.nat(max)))),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const memory = sealed(max, CELLS);
        const table = new MemoryTable(memory);
        table.intern();
        for (const { from, stores } of changes) {
          const before = from % table.count;
          memory.touched.clear();
          table.restore(before);
          for (const [cell, value] of stores) memory.store(cell, value);
          const contents = memory.words.join();
          const after = table.after(before, patchesOf(memory, memory.touched));
          table.restore(after);
          expect(memory.words.join()).toBe(contents);
          expect(table.intern()).toBe(after);
        }
      }),
      { seed: seedOf(5) },
    );
  });

  it('forgets what was stored in vain', () => {
    const memory = sealed(9, 12);
    const table = new MemoryTable(memory);
    const first = memory.words.join();
    table.intern();
    memory.store(1, 5);
    table.intern();
    for (const cell of [0, 5, 11]) memory.store(cell, 7);
    table.restore(0);
    expect(memory.words.join()).toBe(first);
    expect(table.intern()).toBe(0);
  });

  it('tells apart memories whose hashes collide, while it grows', () => {
    // 250,000 random memories and 32 bits of hash: seven collisions expected.
    const memory = sealed(2 ** 31 - 1, 2);
    const table = new MemoryTable(memory);
    const below = integers(7);
    const rows = Array.from({ length: 250_000 }, () => [below(2 ** 31), below(2 ** 31)] as const);
    const intern = ([x, y]: readonly [number, number]): number => {
      memory.words[0] = x;
      memory.words[1] = y;
      return table.intern();
    };
    const first = rows.map(intern);
    expect(new Set(first).size).toBe(new Set(rows.map((r) => r.join())).size);
    expect(rows.every((r, i) => intern(r) === first[i])).toBe(true);
    memory.access = READ;
    const kept = rows.every(([x, y], i) => {
      table.restore(first[i]!);
      return memory.load(0) === x && memory.load(1) === y;
    });
    expect(kept).toBe(true);
  });
});

describe('the table of moves', () => {
  it('is a map from memory and move to what follows', () => {
    const key = fc.tuple(fc.nat(40), fc.nat(40));
    fc.assert(
      fc.property(fc.array(key, { maxLength: 200 }), fc.boolean(), (keys, keeps) => {
        const table = new MoveTable();
        const known = new Map<string, [number, number]>();
        if (keeps) table.keepFootprints();
        keys.forEach(([memory, move], i) => {
          const at = table.find(memory, move);
          const expected = known.get(`${memory} ${move}`);
          if (expected) expect([table.memoryAt(at), table.nodeAt(at)]).toEqual(expected);
          else {
            expect(at).toBe(-1);
            known.set(`${memory} ${move}`, [i, i + 7]);
            const added = table.add(memory, move, i, i + 7, i + 9);
            expect([table.memoryAt(added), table.nodeAt(added)]).toEqual([i, i + 7]);
          }
        });
        if (table.keepsFootprints)
          for (const [key, [i]] of known) {
            const [memory, move] = key.split(' ').map(Number);
            expect(table.footprintAt(table.find(memory!, move!))).toBe(i + 9);
          }
        expect(table.size).toBe(known.size);
      }),
      { seed: seedOf(6) },
    );
  });

  it('stays exact while it grows', () => {
    const table = new MoveTable();
    const N = 400;
    for (let m = 0; m < N; m++)
      for (let n = 0; n < N; n++) table.add(m, n, m * N + n, n - m, UNKNOWN);
    for (let m = 0; m < N; m++)
      for (let n = 0; n < N; n++) {
        const at = table.find(m, n);
        if (table.memoryAt(at) !== m * N + n || table.nodeAt(at) !== n - m) expect([m, n]).toBe('');
      }
    expect(table.find(N, 0)).toBe(-1);
    expect(table.find(0, N)).toBe(-1);
    expect(table.size).toBe(N * N);
  });
});

describe('StateTable rows', () => {
  it('keeps every state when a node outgrows half a word', () => {
    const table = new StateTable(4);
    const states = Array.from({ length: 70_000 }, (_, i) => [i % 97, i, 65_535 - (i % 3), i * 2]);
    const add = (state: readonly number[], parent: number): number => {
      const row = Int32Array.from(state);
      return table.add(row, hashRow(row), parent);
    };
    states.forEach((state, id) => add(state, id - 1) === id || expect(id).toBe(-1));
    states.forEach((state, id) => add(state, -1) === ~id || expect(id).toBe(-1));
    const row = new Int32Array(4);
    states.forEach((state, id) => {
      table.read(id, row);
      if (state.some((word, i) => word !== row[i]) || table.parent(id) !== id - 1)
        throw new Error(`state ${id} reads ${[...row].join(' ')}`);
    });
  });
});
