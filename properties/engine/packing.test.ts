import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Columns } from '../../src/explore/table/columns.js';
import { Layout } from '../../src/explore/table/layout.js';
import { Parents } from '../../src/explore/table/parents.js';
import { Rows } from '../../src/explore/table/rows.js';
import { seedOf } from '../model/seed.js';

const widths = fc.array(fc.integer({ min: 1, max: 32 }), { minLength: 1, maxLength: 9 });

describe('the layout of packed states', () => {
  it('gives each column bits of its own, and what is left in word 0 to column 0', () => {
    fc.assert(
      fc.property(widths, (bits) => {
        const { word, shift, most, words } = Layout.fit(bits);
        const taken = new Set<string>();
        bits.forEach((width, c) => {
          expect(most[c]).toBeGreaterThanOrEqual(2 ** width - 1);
          for (let bit = 0; 2 ** bit <= most[c]!; bit++) {
            expect(shift[c]! + bit).toBeLessThan(32);
            taken.add(`${word[c]} ${shift[c]! + bit}`);
          }
        });
        const bitsGiven = Array.from(most, (m) => Math.log2(m + 1));
        expect(taken.size).toBe(bitsGiven.reduce((a, b) => a + b));
        expect(Array.from(taken).filter((at) => at.startsWith('0 '))).toHaveLength(32);
        expect(Math.max(...word)).toBeLessThan(words);
      }),
      { seed: seedOf(1) },
    );
  });

  it('takes no more words than it must', () => {
    expect(Layout.fit([16, 8, 8]).words).toBe(1);
    expect(Layout.fit([17, 8, 8]).words).toBe(2);
    expect(Layout.fit([20, 8, 8, 8, 8]).words).toBe(2);
    expect(Layout.fit([24, 8, 8, 8, 8, 8]).words).toBe(2);
    expect(Layout.fit([25, 8, 8, 8, 8, 8]).words).toBe(3);
    expect(Layout.fit([32, 32, 1]).words).toBe(3);
  });
});

describe('columns', () => {
  const value = fc.oneof(fc.nat(3), fc.nat(300), fc.nat(100_000));
  const row = fc.tuple(fc.oneof(fc.nat(3), fc.nat(2 ** 31 - 1)), value, value, value);

  it('pack a move of a state as they pack the state that it leads to', () => {
    fc.assert(
      fc.property(row, row, fc.integer({ min: 1, max: 3 }), (from, to, column) => {
        const columns = new Columns(4);
        const before = Int32Array.from(from);
        const after = before.slice();
        after[0] = to[0];
        after[column] = to[column]!;
        for (const state of [before, after]) columns.admit(state);
        expect(columns.pack(before)).toBe(true);
        const packed = columns.packed.slice();
        const moved = new Int32Array(packed.length + 1);
        const { 0: memory, [column]: node } = after;
        expect(columns.packMove(packed, 0, column, memory!, node!, moved, 1)).toBe(true);
        expect(columns.pack(after)).toBe(true);
        expect(moved.subarray(1)).toEqual(columns.packed);
      }),
      { seed: seedOf(2) },
    );
  });

  it('refuse what they have not admitted', () => {
    const columns = new Columns(3);
    const [known, other, large] = [
      [1, 5, 6],
      [1, 6, 6],
      [2 ** 20, 5, 6],
    ] as const;
    columns.admit(Int32Array.from(known));
    expect(columns.pack(Int32Array.from(known))).toBe(true);
    const packed = columns.packed.slice();
    const to = new Int32Array(4);
    for (const row of [other, large]) {
      expect(columns.pack(Int32Array.from(row))).toBe(false);
      expect(columns.packMove(packed, 0, 1, row[0], row[1], to, 0)).toBe(false);
    }
    expect(columns.packMove(packed, 0, 1, 1, 2 ** 20, to, 0)).toBe(false);
  });
});

describe('rows', () => {
  it('stay what they were while columns outgrow their places', () => {
    const rows = new Rows(5);
    const N = 70_000;
    // Columns outgrow eight bits one after the other, memory last.
    const at = (i: number) => [i < N - 9 ? i % 256 : 2 ** 31 - i, i % 250, i >> 3, i % 3, i >> 8];
    const row = new Int32Array(5);
    let repacked = 0;
    for (let i = 0; i < N; i++) {
      row.set(at(i));
      if (!rows.pack(row) && rows.admit(row)) repacked++;
      rows.push();
    }
    expect(repacked).toBeGreaterThan(5);
    for (let i = 0; i < N; i++) {
      rows.read(i, row, 0);
      if (row.join() !== at(i).join()) expect(row.join(), `row ${i}`).toBe(at(i).join());
    }
  });
});

describe('parents', () => {
  const steps = fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat(3) }, fc.nat(400)));

  it('are kept in two bits while they do not go down, and in words when they do', () => {
    fc.assert(
      fc.property(steps, steps, fc.nat(500), (up, more, back) => {
        const parents = new Parents();
        const all: number[] = [-1];
        for (const step of up) all.push(Math.max(...all.slice(-1)) + step);
        if (more.length % 2 === 0) for (const step of more) all.push(step % (back + 1));
        all.forEach((parent) => parents.push(parent));
        expect(all.map((_, id) => parents.at(id))).toEqual(all);
      }),
      { numRuns: 300, seed: seedOf(3) },
    );
  });

  it('are told from each other by the million', () => {
    const parents = new Parents();
    const N = 3_000_000;
    const of = (id: number) => id - 1 - (id % 1000);
    for (let id = 0; id < N; id++) parents.push(of(id));
    expect(parents.bytes).toBeLessThan(N);
    for (let id = 0; id < N; id++) if (parents.at(id) !== of(id)) expect(id).toBe(-1);
    parents.push(5);
    expect(parents.at(N)).toBe(5);
    for (let id = 0; id < N; id += 7) if (parents.at(id) !== of(id)) expect(id).toBe(-1);
  });
});
