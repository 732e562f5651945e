import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { step } from '../../src/core/flow.js';
import { Memory } from '../../src/core/memory.js';
import { bool, int, struct, structs, table } from '../../src/core/struct.js';
import { after, build, explore, op, order, worldOf } from './world.js';
import { seedOf } from '../model/seed.js';

const Cells = struct({ small: int(-2, 5), flag: bool(true), row: table(3, int(0, 9)) });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

/** One actor whose only step does this. */
const doing = (effect: (s: S) => void) => ({
  state,
  programs: [
    (s: S) => [
      op('do', function* () {
        yield* step('it', () => effect(s));
      }),
    ],
  ],
});

describe('a cell holds what its range allows, and nothing else', () => {
  it('stores exactly the integers of its range: never wraps, clamps or truncates', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: -9, max: 12 }), fc.double(), fc.maxSafeInteger()),
        (v) => {
          const fits = Number.isInteger(v) && v >= -2 && v <= 5;
          const tiny = doing((s) => (s.small = v));
          if (!fits) expect(() => explore(tiny)).toThrow(/s\.small = .*outside its range -2\.\.5/);
          else {
            const built = build(tiny);
            expect(after(built, order(0), () => built.state.small)).toBe(v === 0 ? 0 : v);
          }
        },
      ),
      { seed: seedOf(1) },
    );
  });

  it.each([32767, 32768, 65535, 2 ** 31 - 1])('keeps %i: cells widen when one needs it', (max) => {
    const built = build({
      state: (memory: Memory) => struct({ x: int(0, max), y: int(0, 1) }).place(memory, 's'),
      programs: [
        (s) => [
          op('do', function* () {
            yield* step('it', () => void (s.x = max));
          }),
        ],
      ],
    });
    expect(after(built, order(0), () => [built.state.x, built.state.y])).toEqual([max, 0]);
  });

  it('starts at its declared initial value', () => {
    const built = build(doing(() => {}));
    const s = built.state;
    expect(after(built, [], () => [s.small, s.flag, s.row.load(2)])).toEqual([0, true, 0]);
  });

  it('refuses an initial value outside the range', () => {
    expect(() => new Memory(1).declare('x', 0, 3, 4)).toThrow(EngineError);
  });

  it('refuses an index outside a table', () => {
    for (const i of [-1, 3, 0.5, NaN]) {
      expect(() => explore(doing((s) => s.row.store(i, 1)))).toThrow(/index outside 0\.\.2/);
      expect(() => explore(doing((s) => void s.row.load(i)))).toThrow(/index outside 0\.\.2/);
    }
  });

  it('refuses a field that was not declared', () => {
    const { state } = worldOf(doing(() => {}));
    expect(() => Object.assign(state, { smal: 1 })).toThrow(TypeError);
  });

  it('refuses a cell that is declared after the world was sealed', () => {
    const { world } = worldOf(doing(() => {}));
    expect(() => world.memory.declare('late', 0, 1, 0)).toThrow(/sealed/);
  });

  it('keeps neighbours apart', () => {
    const built = build({
      state: (memory: Memory) => structs(memory, 'p', 3, Cells),
      programs: [
        (s) => [
          op('do', function* () {
            yield* step('it', () => {
              s.forEach((p, i) => {
                p.small = i;
                p.flag = i === 1;
                p.row.store(i, 7 + i);
              });
            });
          }),
        ],
      ],
    });
    const read = () =>
      built.state.map((p) => [p.small, p.flag, p.row.load(0), p.row.load(1), p.row.load(2)]);
    expect(after(built, order(0), read)).toEqual([
      [0, false, 7, 0, 0],
      [1, true, 0, 8, 0],
      [2, false, 0, 0, 9],
    ]);
  });

  it('names the actor, the function, the step and the cell in its refusal', () => {
    expect(() => explore(doing((s) => (s.small = 6)))).toThrow("a0, do, step 'it': s.small = 6");
  });
});
