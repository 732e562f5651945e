import { describe, expect, it } from 'vitest';
import { Footprint } from '../../src/core/footprint.js';
import { FootprintTable } from '../../src/core/footprints.js';
import type { Symmetry } from '../../src/core/symmetry.js';
import { Correspondence } from '../../src/explore/reductions/correspondence.js';
import { Irregular } from '../../src/explore/reductions/irregular.js';

const CELLS = 40;
const WORDS = 2;
/** Cells 0 and 1 change places, and 2 and 35; 3 and 4 are first and end of a range. */
const symmetry: Symmetry = {
  actors: [0, 1],
  cells: Array.from({ length: CELLS }, (_, i) => ({ 0: 1, 1: 0, 2: 35, 35: 2 })[i] ?? i),
  value: (_, value) => value,
  ranges: [[3, 4]],
  range: (first, end) => [first, end],
};
const correspondence = new Correspondence(symmetry, WORDS);

type Cells = readonly number[];
function footprint(reads: Cells, writes: Cells = [], updates: Cells = []): Int32Array {
  const all = new Footprint(CELLS);
  for (const [set, cells] of [
    [all.reads, reads],
    [all.writes, writes],
    [all.updates, updates],
  ] as const)
    for (const cell of cells) set[cell >> 5]! |= 1 << cell;
  return all.bits;
}

describe('footprints correspond', () => {
  it.each([
    ['cell by cell', footprint([0, 2], [1]), footprint([1, 35], [0]), true],
    ['not where one reads more', footprint([0]), footprint([1, 2]), false],
    ['not where one reads less', footprint([0, 2]), footprint([1]), false],
    [
      'not where one writes what the other updates',
      footprint([], [0]),
      footprint([], [], [1]),
      false,
    ],
    ['with a pair that is read as a whole', footprint([3, 4], [3]), footprint([3, 4], [3]), true],
    ['not with one of a pair that is read', footprint([3]), footprint([3]), false],
    [
      'not with one of a pair that is written unread',
      footprint([], [4]),
      footprint([], [4]),
      false,
    ],
    ['with a pair that is written as a whole', footprint([], [3, 4]), footprint([], [3, 4]), true],
  ])('%s', (_, one, image, expected) => {
    expect(correspondence.holds(one, image)).toBe(expected);
  });

  it('back and forth, and pairs as wholes', () => {
    expect(correspondence.imageOf(footprint([0], [2], [1]))).toEqual(footprint([1], [35], [0]));
    expect(correspondence.preimageOf(footprint([1], [35]))).toEqual(footprint([0], [2]));
    expect(correspondence.preimageOf(footprint([], [3]))).toEqual(footprint([3, 4], [3]));
  });
});

describe('an irregular move', () => {
  const table = new FootprintTable(new Footprint(CELLS));
  const id = (bits: Int32Array): number => table.internBits(bits);

  it('counts as touching what its images touch, and theirs', () => {
    const irregular = new Irregular(table, [correspondence]);
    const [own, image, last] = [footprint([0]), footprint([2]), footprint([], [5])].map(id);
    expect(irregular.footprintOf(7, own!)).toBe(-1);
    irregular.link(0, 7, own!, 8, image!);
    expect(irregular.footprintOf(7, own!)).toBe(id(footprint([0, 35])));
    irregular.link(0, 8, image!, 9, last!);
    expect(irregular.footprintOf(7, own!)).toBe(id(footprint([0, 35], [5])));
    const growths = Array.from({ length: irregular.growths }, (_, n) => irregular.growth(n));
    expect(growths[0]).toEqual([own, irregular.footprintOf(7, own!)]);
  });

  it('a property counts as reading what its images read', () => {
    const irregular = new Irregular(table, [correspondence]);
    irregular.addProperty(1, footprint([0, 2]).slice(0, WORDS));
    expect(irregular.cellsOf(1)).toEqual(footprint([0, 1, 2, 35]).slice(0, WORDS));
    expect([irregular.hasProperty(1), irregular.hasProperty(0)]).toEqual([true, false]);
  });
});
