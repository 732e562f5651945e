import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SearchCheckpoint } from '../../src/checkpoint/search.js';
import type { Place } from '../../src/checkpoint/place.js';
import { InputError } from '../../src/core/errors.js';
import type { Machine } from '../../src/core/machine.js';
import type { Stop } from '../../src/explore/bounds.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { hashRow, StateTable } from '../../src/explore/states.js';
import type { SearchResult } from '../../src/explore/verdict.js';
import { Misuse, oracle, TooBig } from './oracle.js';
import { machineOf, programs, type Program } from './programs.js';
import { enough, seedOf } from '../model/seed.js';

const MAX_STATES = 100_000;

const root = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
afterAll(() => rmSync(root, { recursive: true }));

function freshPlace(): Place {
  return { folder: mkdtempSync(join(root, 'c-')), job: 3, question: 'q', every: 30 };
}

const runs = (p: Program): boolean => {
  try {
    return oracle(p, 500).states > 8;
  } catch (error) {
    if (error instanceof TooBig || error instanceof Misuse) return false;
    throw error;
  }
};

/** All that a search knows and has learnt, as plain data. */
function everything(machine: Machine, search: ExhaustiveSearch): unknown {
  const { states } = search;
  const rows = rowsOf(states);
  const memories: number[][] = [];
  for (let id = 0; id < machine.memories.count; id++) {
    machine.memories.restore(id);
    memories.push([...machine.world.memory.words]);
  }
  machine.forgetLoaded();
  const nodes = machine.automaton.nodes.map((n) => [n.id, n.actor, n.step?.label, n.held.id]);
  const { broken, options, moves } = machine;
  return { rows, memories, nodes, broken, options, moves: moves.size, ...search.position };
}

/** Searches from what is kept at a place, if anything is, until it has expanded n more states. */
function proceed(p: Program, place: Place, n: number, saveEach = Infinity) {
  const machine = machineOf(p);
  const kept = SearchCheckpoint.open(place, machine);
  let calls = 0;
  const watch = (): Stop | undefined => {
    const stop = calls === n;
    if (stop || (calls > 0 && calls % saveEach === 0))
      kept.save({ states: search.states, numbers: search.position });
    calls++;
    return stop ? 'interrupted' : undefined;
  };
  const bounds = { maxStates: MAX_STATES, watch, watchEvery: 1 };
  const search = new ExhaustiveSearch(machine, bounds);
  if (kept.found) {
    kept.restore(search.states);
    Object.assign(search.position, kept.found.numbers);
  }
  const result = search.run();
  kept.close();
  return { result, machine, search };
}

/** From one interruption to the next; each time with a fresh machine. */
function inParts(p: Program, lengths: readonly number[], between: (place: Place) => void) {
  const place = freshPlace();
  for (const [i, length] of lengths.entries()) {
    const part = proceed(p, place, length, 2 + i);
    if (part.result.covered?.bound !== 'interrupted') return { ...part, parts: i };
    between(place);
  }
  return { ...proceed(p, place, Infinity), parts: lengths.length };
}

const lengths = fc.array(fc.nat(25), { minLength: 1, maxLength: 4 });

describe('a search that goes on from a checkpoint', () => {
  it('is the search that was never interrupted, to the last number', () => {
    const tally = { resumed: 0, twice: 0, violated: 0, holds: 0 };
    const compare = (p: Program, parts: readonly number[]): void => {
      if (!runs(p)) return;
      const machine = machineOf(p);
      const whole = new ExhaustiveSearch(machine, { maxStates: MAX_STATES });
      const result: SearchResult = whole.run();
      const other = inParts(p, parts, () => {});
      expect(other.result).toEqual(result);
      expect(everything(other.machine, other.search)).toEqual(everything(machine, whole));
      if (other.parts > 0) tally.resumed++;
      if (other.parts > 1) tally.twice++;
      if (other.parts > 0 && result.verdict !== 'undecided') tally[result.verdict]++;
    };
    fc.assert(fc.property(programs, lengths, compare), { numRuns: 300, seed: seedOf(21) });
    for (const [, count] of Object.entries(tally)) expect(count).toBeGreaterThan(enough(10));
  });

  it('counts only what is on record: the rest may be torn, or of another run', () => {
    let resumed = 0;
    const tear = ({ folder }: Place): void => {
      for (const name of readdirSync(folder))
        if (!name.endsWith('.search')) appendFileSync(join(folder, name), 'half a wo');
      writeFileSync(join(folder, '3.search.tmp'), 'gmemcheck chec');
    };
    const compare = (p: Program, parts: readonly number[]): void => {
      if (!runs(p)) return;
      const result = new ExhaustiveSearch(machineOf(p), { maxStates: MAX_STATES }).run();
      const other = inParts(p, parts, tear);
      expect(other.result).toEqual(result);
      if (other.parts > 0) resumed++;
    };
    fc.assert(fc.property(programs, lengths, compare), { numRuns: 150, seed: seedOf(22) });
    expect(resumed).toBeGreaterThan(enough(20));
  });

  it('another table takes the place of the first, and not before it is on record', () => {
    const p = interesting();
    const place = freshPlace();
    const machine = machineOf(p);
    const kept = SearchCheckpoint.open(place, machine);
    const whole = new ExhaustiveSearch(machine, { maxStates: 60 });
    whole.run();
    /** What is on record. */
    const rows = (): number[][] => {
      const again = machineOf(p);
      const found = SearchCheckpoint.open(place, again);
      const states = new StateTable(whole.states.width);
      found.restore(states);
      found.close();
      return rowsOf(states);
    };
    let last = tableOf(whole.states, 10);
    kept.save({ states: last, numbers: {} });
    for (const first of [20, 30, 40, 50]) {
      const states = tableOf(whole.states, first);
      mkdirSync(join(place.folder, '3.search.tmp'));
      expect(() => kept.save({ states, numbers: {} })).toThrow(InputError);
      rmdirSync(join(place.folder, '3.search.tmp'));
      expect(rows()).toEqual(rowsOf(last));
      kept.save({ states, numbers: {} });
      expect(rows()).toEqual(rowsOf(states));
      expect(statSync(join(place.folder, '3.journal')).size).toBe(8 * machine.moves.size);
      last = states;
    }
    kept.close();
  });
});

function rowsOf(states: StateTable): number[][] {
  const row = new Int32Array(states.width);
  return Array.from({ length: states.count }, (_, id) => {
    states.read(id, row);
    return [states.parent(id), ...row];
  });
}

/** Some states of another table. */
function tableOf(states: StateTable, first: number): StateTable {
  const table = new StateTable(states.width);
  for (const [, ...row] of rowsOf(states).slice(first, first + 10))
    table.add(Int32Array.from(row), hashRow(Int32Array.from(row)), table.count - 1);
  return table;
}

function contents({ folder }: Place): Map<string, string> {
  const names = readdirSync(folder).toSorted();
  return new Map(names.map((n) => [n, readFileSync(join(folder, n), 'base64')]));
}

/** One with some states, in which nothing is broken. */
function interesting(): Program {
  const isFine = (p: Program): boolean =>
    runs(p) && new ExhaustiveSearch(machineOf(p), { maxStates: 300 }).run().states > 100;
  return fc.sample(programs.filter(isFine), { numRuns: 1, seed: 1 })[0]!;
}

describe('a checkpoint that is not as it was written', () => {
  const p = interesting();
  const refused = (place: Place, what: RegExp): void => {
    const before = contents(place);
    const attempt = (): unknown => proceed(p, place, Infinity).result;
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(what);
    expect(contents(place)).toEqual(before);
  };

  it.each(['search', 'journal', 'states'])('is refused, and left alone: %s, any byte', (kind) => {
    const place = freshPlace();
    proceed(p, place, 30);
    const path = join(place.folder, `3.${kind}`);
    const good = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(good.length - 2), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bad = Buffer.from(good);
        bad[at]! ^= change;
        writeFileSync(path, bad);
        refused(place, new RegExp(`3\\.${kind} (is damaged|is no checkpoint|has format)`));
      }),
      { numRuns: 40, seed: seedOf(1) },
    );
    writeFileSync(path, good.subarray(0, good.length - 4));
    refused(place, new RegExp(`3\\.${kind} is damaged`));
  });

  it('a file is missing', () => {
    const place = freshPlace();
    proceed(p, place, 30);
    rmSync(join(place.folder, '3.states'));
    refused(place, /cannot read .*3\.states/);
  });

  it('it belongs to another question', () => {
    const place = freshPlace();
    proceed(p, place, 30);
    refused({ ...place, question: 'another' }, /3\.search belongs to another question/);
  });

  it('it belongs to another world: what was learnt does not come to the same', () => {
    const place = freshPlace();
    proceed(p, place, 30);
    const other = { ...p, functions: p.functions.map(() => [{ k: 'set', cell: 0, value: 1 }]) };
    const attempt = (): unknown => proceed(other as Program, place, 1);
    expect(attempt).toThrow(/3\.journal is damaged: it comes to \d+ moves, not \d+/);
  });
});
