import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld } from '../../models/world.js';
import { checkTest } from '../../src/check/check.js';
import type { CheckOptions } from '../../src/check/question.js';
import { defaultMemory, Limits, type Meters } from '../../src/check/limits.js';
import { findProtocol } from '../../src/check/protocols.js';
import { findTests } from '../../src/check/tests.js';
import { searchWhole } from '../../src/check/whole.js';
import { Machine } from '../../src/core/machine.js';
import { Stopped } from '../../src/explore/bounds.js';

const MIB = 2 ** 20;
const REACHED = { states: 1, frontier: 1, transitions: 0 };
const OPTIONS: CheckOptions = {
  strategy: 'exhaustive',
  maxStates: 100_000,
  runs: 0,
  seed: 0,
  memory: undefined,
};

/** Nothing is in use, unless said otherwise. */
const meters = (more: Partial<Record<keyof Meters, number>>): Meters => {
  const read = (what: keyof Meters) => (): number => more[what] ?? 0;
  return { now: read('now'), resident: read('resident'), own: read('own'), heap: read('heap') };
};

describe('what stops a search from outside', () => {
  it('the clock, from when the check began', () => {
    let now = 5000;
    const limits = new Limits({ maxTime: 2 }, {}, { ...meters({}), now: () => now });
    expect(limits.watch(REACHED)).toBeUndefined();
    now = 6999;
    expect(limits.watch(REACHED)).toBeUndefined();
    now = 7000;
    expect(limits.watch(REACHED)).toBe('time');
    expect(limits.pulse).toThrow(Stopped);
  });

  it('memory, of all threads; tables outside of the heap count', () => {
    const of = (resident: number, more = 0) =>
      new Limits({ maxMemory: 100 }, {}, meters({ resident: resident * MIB })).stop(more * MIB);
    expect(of(100)).toBeUndefined();
    expect(of(101)).toBe('memory');
    expect(of(60, 40)).toBeUndefined();
    expect(of(60, 41)).toBe('memory');
  });

  it('memory first of those who have most of it', () => {
    const of = (resident: number, own: number) =>
      new Limits(
        { maxMemory: 100, sharers: 4 },
        {},
        meters({ resident: resident * MIB, own: own * MIB }),
      ).stop();
    expect(of(99, 90)).toBeUndefined();
    expect(of(102, 60)).toBe('memory');
    expect(of(102, 5)).toBeUndefined();
    expect(of(106, 5)).toBe('memory');
  });

  it('a heap that is nearly full: V8 would abort', () => {
    const of = (heap: number) => new Limits({}, {}, meters({ heap })).stop();
    expect(of(0.85)).toBeUndefined();
    expect(of(0.95)).toBe('memory');
  });

  it('the user, before anything else', () => {
    const limits = new Limits({ maxTime: 1 }, { isInterrupted: () => true }, meters({ now: 1e6 }));
    expect(limits.watch(REACHED)).toBe('interrupted');
  });

  it('nothing, where nothing is asked; whoever watches is told', () => {
    const seen: unknown[] = [];
    const limits = new Limits({}, { reached: (r) => seen.push(r) });
    expect(limits.watch(REACHED)).toBeUndefined();
    expect(limits.pulse).not.toThrow();
    expect(seen).toEqual([REACHED]);
  });
});

describe('the memory that a check may use unless told otherwise', () => {
  const free = { total: 16_000 * MIB, free: 15_000 * MIB, constraint: 0, resident: 0 };

  it('is not all that there is', () => expect(defaultMemory(free)).toBe(12_800));
  it('is less where a container has less', () => {
    expect(defaultMemory({ ...free, constraint: 1000 * MIB })).toBe(800);
    expect(defaultMemory({ ...free, constraint: 2 ** 64 })).toBe(12_800);
  });
  it('is less where others have some', () => {
    expect(defaultMemory({ ...free, free: 1000 * MIB, resident: 1000 * MIB })).toBe(1800);
  });
  it('is enough to begin with, here too', () => expect(defaultMemory()).toBeGreaterThan(63));
});

describe('a checkpoint that cannot be written', () => {
  it('is said, and the search goes on without', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, '0.search.tmp'));
    const [test] = findTests(['fault-vs-punch']);
    const named = await findProtocol('P3');
    const warnings: string[] = [];
    const { result } = checkTest(test!, named, OPTIONS, {
      checkpoint: { folder, job: 0, question: 'q', every: 0 },
      warn: (text) => warnings.push(text),
    });
    expect(result).toEqual(checkTest(test!, named, OPTIONS).result);
    expect(warnings[0]).toMatch(
      /^cannot write .*0\.search: it is a directory; the search goes on$/,
    );
  });
});

describe('a check that is stopped', () => {
  it('is undecided, says what it has covered, and does not try another way', async () => {
    const [test] = findTests(['fault-vs-punch']);
    const named = await findProtocol('P3');
    const { result } = checkTest(test!, named, OPTIONS, { isInterrupted: () => true });
    expect(result).toMatchObject({
      verdict: 'undecided',
      footing: null,
      progress: 'not checked',
      token: null,
      covered: { bound: 'interrupted', frontier: 1, steps: -1 },
    });
    expect(result.note).toBe('interrupted; 1 state not expanded');
  });

  it('by contexts, where there were too many states, is open too', async () => {
    const [test] = findTests(['fault-vs-punch']);
    const named = await findProtocol('P3');
    const interruptedAt = (last: number) => {
      let calls = 0;
      const outside = { isInterrupted: () => ++calls > last };
      return checkTest(test!, named, { ...OPTIONS, maxStates: 100 }, outside).result;
    };
    // The reduced search asks first, the one by contexts after it.
    let result = interruptedAt(1);
    for (let last = 2; last < 50 && !/by contexts: interrupted/.test(result.note); last++)
      result = interruptedAt(last);
    expect(result).toMatchObject({ verdict: 'undecided', covered: { bound: 'interrupted' } });
    expect(result.note).toMatch(/^bound hit: --max-states 100; .*; by contexts: interrupted; not/);
  });

  it.each([
    ['time', /^bound hit: --max-time 9; every state visited, 2 of them final; nothing is broken$/],
    ['memory', /^bound hit: --max-memory 9; every state visited/],
  ])('after its search, by %s: nothing is broken, but progress is open', async (bound, note) => {
    const [test] = findTests(['fault-vs-punch']);
    const { protocol } = await findProtocol('P3');
    const machine = new Machine(buildWorld(test!.scenario, protocol, invariants).world);
    const late = (): boolean => machine.moves.size > 1000;
    const options = { ...OPTIONS, maxTime: 9, maxMemory: 9 };
    const limits = new Limits(
      options,
      {},
      {
        ...meters({}),
        now: () => (bound === 'time' && late() ? 10_000 : 0),
        resident: () => (bound === 'memory' && late() ? 8.99 * MIB : 0),
      },
    );
    const { found, progress } = searchWhole(machine, options, limits, {});
    expect(found).toMatchObject({
      verdict: 'undecided',
      footing: null,
      states: 1335,
      covered: { bound, frontier: 0 },
    });
    expect(found.note).toMatch(note);
    expect(progress).toBe('not checked');
  });
});
