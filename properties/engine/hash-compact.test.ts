import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { step, type Flow } from '../../src/core/flow.js';
import { int, struct } from '../../src/core/struct.js';
import type { Memory } from '../../src/core/memory.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { Compacted } from '../../src/explore/hash-compact/compacted.js';
import { StateHash } from '../../src/explore/hash-compact/hash.js';
import { missOdds, missOddsText } from '../../src/explore/hash-compact/odds.js';
import { searchHashCompact } from '../../src/explore/hash-compact/search.js';
import { hashRow } from '../../src/explore/states.js';
import { machineOf, programs, type Program } from './programs.js';
import { build, op, shows, type Tiny } from './world.js';
import { enough, seedOf } from '../model/seed.js';

const MAX_STATES = 300;
const bounds = { maxStates: MAX_STATES };

/** What a search says of a program; undefined where the program misuses the engine. */
function said<T>(p: Program, search: (p: Program) => T): T | undefined {
  try {
    return search(p);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

const compact = (p: Program, bits: number, seed = 1) => {
  const machine = machineOf(p);
  return { machine, result: searchHashCompact(machine, bounds, { bits, seed }) };
};

const Cells = struct({ x: int(0, 60) });
type S = ReturnType<typeof Cells.place>;
const state = (memory: Memory): S => Cells.place(memory, 's');
const idle = (): Flow<void> => step('idle', () => {});
const times = (n: number, what: (s: S) => Flow<void>) => (s: S) =>
  Array.from({ length: n }, () => op('f', () => what(s)));
const grid: Tiny<S> = { state, programs: [times(60, idle), times(60, idle)] };
const STATES = 61 ** 2;

describe('hash-compact search', () => {
  it('agrees with the exact one, in random programs', () => {
    const tally = { holds: 0, violated: 0, undecided: 0 };
    fc.assert(
      fc.property(programs, (p) => {
        const exact = said(p, () => new ExhaustiveSearch(machineOf(p), bounds).run());
        const found = said(p, () => compact(p, 64));
        expect(found === undefined).toBe(exact === undefined);
        if (!exact || !found) return;
        const { verdict, property, states, transitions, schedule } = found.result;
        expect({ verdict, property, states, transitions }).toEqual({
          verdict: exact.verdict,
          property: exact.property,
          states: exact.states,
          transitions: exact.transitions,
        });
        expect(schedule?.length).toBe(exact.schedule?.length);
        if (schedule && property) expect(shows(found.machine, property, schedule)).toBe(true);
        expect(found.result.footing).toBe(verdict === 'undecided' ? null : 'hash-compact');
        tally[verdict]++;
      }),
      { numRuns: 500, seed: seedOf(1) },
    );
    expect(tally.holds).toBeGreaterThan(enough(50));
    expect(tally.violated).toBeGreaterThan(enough(50));
    expect(tally.undecided).toBeGreaterThan(enough(2));
  });

  it.each([64, 48, 40])('keeps %i bits, over blocks and growing tables', (bits) => {
    const large: Tiny<S> = {
      state,
      programs: [times(60, (s) => step('up', () => void s.x++)), times(300, idle), times(3, idle)],
    };
    const result = searchHashCompact(build(large).machine, { maxStates: 1e6 }, { bits, seed: 1 });
    expect(result).toMatchObject({ verdict: 'holds', states: 61 * 301 * 4 });
    expect(result.missOdds).toBe(missOdds(result.states, bits));
  });

  it('misses states where signatures are too short, and does not say that anything holds', () => {
    const seeds = Array.from({ length: 30 }, (_, seed) => {
      const { machine } = build(grid);
      return searchHashCompact(machine, { maxStates: 1e6 }, { bits: 16, seed });
    });
    expect(seeds.every((r) => r.states < STATES)).toBe(true);
    for (const result of seeds)
      expect(result).toMatchObject({ verdict: 'undecided', footing: null, missOdds: 1 });
    expect(seeds[0]!.note).toContain('too many states for signatures of 16 bits');
    expect(new Set(seeds.map((r) => r.states)).size).toBeGreaterThan(10);
  });

  it('misses one as often as its odds say, and no more often', () => {
    const BITS = 25;
    const SEEDS = 400;
    let missed = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const { machine } = build(grid);
      const result = searchHashCompact(machine, { maxStates: 1e6 }, { bits: BITS, seed });
      if (result.states < STATES) missed++;
    }
    // Here states differ in two components of 61 values, and the signature is the
    // exclusive or of a word for each: two pairs of states fall together at once,
    // in one of 2^25 cases for each pair of values of one and of the other.
    const really = 1 - Math.exp(-(((61 * 60) / 2) ** 2) / 2 ** BITS);
    const deviation = Math.sqrt(really * (1 - really) * SEEDS);
    expect(missed).toBeLessThan(missOdds(STATES, BITS) * SEEDS);
    expect(missed).toBeLessThan(really * SEEDS + 4 * deviation);
    expect(missed).toBeGreaterThan(really * SEEDS - 4 * deviation);
  });

  it('finds the run to what is broken without having kept a state', () => {
    const broken: Tiny<S> = {
      state,
      programs: [times(40, (s) => step('up', () => void s.x++)), times(40, idle)],
      properties: (s) => ({ low: () => s.x < 37 }),
    };
    const { machine } = build(broken);
    const result = searchHashCompact(machine, { maxStates: 1e6 }, { bits: 64, seed: 7 });
    expect(result).toMatchObject({ verdict: 'violated', property: 'low', footing: 'hash-compact' });
    expect(result.schedule).toHaveLength(37);
    expect(shows(machine, 'low', result.schedule!)).toBe(true);
    expect(result.note).not.toContain('no shorter');
  });

  it('says that a witness is missing only with the odds that it was missed', () => {
    const wanted = (bits: number) => {
      const tiny: Tiny<S> = {
        ...grid,
        condition: () => ({ quantifier: 'exists', holds: () => false }),
      };
      return searchHashCompact(build(tiny).machine, { maxStates: 1e6 }, { bits, seed: 1 });
    };
    expect(wanted(64)).toMatchObject({ verdict: 'violated', property: 'condition' });
    expect(wanted(64).note).toContain('a chance of at most 3.8e-13');
    expect(wanted(16)).toMatchObject({ verdict: 'undecided', property: null, footing: null });
  });

  it('holds a few bytes for each state', () => {
    const rows = new Compacted(20, 64, 1);
    const row = new Int32Array(20);
    for (let i = 0; i < 400_000; i++) {
      row.fill(i);
      rows.add(row, hashRow(row), i - 1);
      if (i % 64 === 0) rows.read(i, row);
    }
    expect(rows.count).toBe(400_000);
    expect(rows.bytes).toBeLessThan(400_000 * 32);
  });
});

describe('signatures', () => {
  it('are 64 bits of hash of which each depends on each component and on the seed', () => {
    // Flipping one bit of one component flips each bit of the hash in about half
    // of the cases: 2,000 draws, and six standard deviations.
    const DRAWS = 2000;
    const flipped = new Int32Array(64);
    const row = fc.sample(fc.array(fc.nat(2 ** 20), { minLength: 4, maxLength: 4 }), {
      numRuns: DRAWS,
      seed: 5,
    });
    row.forEach((r, i) => {
      const hash = new StateHash(4, i % 7);
      const before = Int32Array.from(r);
      const after = before.slice();
      after[i % 4]! ^= 1 << (i % 20);
      for (const w of [0, 1] as const) {
        const change = hash.word(w, before, 0) ^ hash.word(w, after, 0);
        for (let bit = 0; bit < 32; bit++) flipped[w * 32 + bit]! += (change >>> bit) & 1;
      }
    });
    for (const count of flipped) expect(Math.abs(count - DRAWS / 2)).toBeLessThan(6 * 22.4);
    const same = Int32Array.of(1, 2, 3, 4);
    const words = Array.from({ length: 100 }, (_, seed) => new StateHash(4, seed).word(0, same, 0));
    expect(new Set(words).size).toBe(100);
    const [one, other] = [Int32Array.of(0, 5, 6, 0), Int32Array.of(0, 6, 5, 0)];
    expect(new StateHash(4, 1).word(0, one, 0)).not.toBe(new StateHash(4, 1).word(0, other, 0));
  });
});

describe('the odds', () => {
  it('are n^2 / 2^(b+1), and no more than certainty', () => {
    expect(missOdds(50_000_000, 64)).toBeCloseTo(6.776e-5, 8);
    expect(missOdds(1_000_000, 40)).toBeCloseTo(0.4547, 4);
    expect(missOdds(2 ** 21, 40)).toBe(1);
    expect(missOdds(2 ** 10, 40)).toBe(2 ** -21);
    expect(missOdds(0, 64)).toBe(0);
  });

  it('bound those of a birthday, exactly computed', () => {
    for (const [n, bits] of [
      [30, 10],
      [500, 20],
      [3000, 24],
    ] as const) {
      let none = 1;
      for (let i = 0; i < n; i++) none *= 1 - i / 2 ** bits;
      expect(missOdds(n, bits)).toBeGreaterThan(1 - none);
      expect(missOdds(n, bits)).toBeLessThan(1.4 * (1 - none));
    }
  });

  it('are never less in words than in numbers', () => {
    expect(missOddsText(50_000_000, 64)).toBe('0.000068');
    expect(missOddsText(2 ** 10, 40)).toBe('4.8e-7');
    expect(missOddsText(2 ** 30, 40)).toBe('1');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 30 }),
        fc.integer({ min: 40, max: 64 }),
        (n, b) => {
          const text = Number(missOddsText(n, b));
          expect(text).toBeGreaterThanOrEqual(missOdds(n, b));
          expect(text).toBeLessThanOrEqual(missOdds(n, b) * 1.11);
        },
      ),
      { seed: seedOf(2) },
    );
  });
});
