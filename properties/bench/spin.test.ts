import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { searchAll, searchReduced } from '../../bench/exhaustive.js';
import {
  benchCases,
  definesOf,
  largeCases,
  smallCases,
  subjectOf,
} from '../../bench/spin/cases.js';
import { agreement, compare } from '../../bench/spin/compare.js';
import { Workshop } from '../../bench/spin/making.js';
import { readPan } from '../../bench/spin/pan.js';
import { hashBitsFor, runSpin, type Making, type Verifier } from '../../bench/spin/spin.js';
import { findTools, INSTALL } from '../../bench/spin/tools.js';
import { InputError } from '../../src/core/index.js';
import { isThorough } from '../effort.js';
import { packageRoot } from '../../src/root.js';
import { ALL } from '../../src/explore/reductions/options.js';

const tools = await findTools();

/** Compiling takes longer than these searches. */
const making = (reduction: Making['reduction'], defines: string[] = []): Making => ({
  reduction,
  defines,
  optimization: '-O0',
});

/** The smallest case of a family. */
const smallest = (family: string) => smallCases.find((c) => c.family.name === family)!;

describe('what Spin is measured on', () => {
  it.each(smallCases)('$name has the states that were recorded', async (subject) => {
    // When this fails the model has changed: the Promela files must change with it.
    const { states, transitions } = await searchAll(subjectOf(subject));
    expect({ states, transitions }).toEqual({
      states: subject.states,
      transitions: subject.transitions,
    });
  });

  it.each(['punch', 'attributes', 'slots'])(
    '%s asserts the invariants that ours checks',
    (name) => {
      const promela = readdirSync(join(packageRoot, 'bench/spin'))
        .filter((file) => file.endsWith('.pml'))
        .map((file) => readFileSync(join(packageRoot, 'bench/spin', file), 'utf8'))
        .join('');
      const ids = subjectOf(smallest(name))
        .build()
        .properties.map((p) => p.id);
      expect(ids).toEqual(expect.arrayContaining(['S1', 'S3', 'S9', 'S10', 'S17']));
      // S14 is of populate, which none of them calls.
      const mine = ids.filter((id) => id !== 'S14');
      expect(mine.filter((id) => !new RegExp(`\\b${id}\\b`).test(promela))).toEqual([]);
    },
  );

  it('has names of its own, and every family in it grows', () => {
    const all = [...benchCases, ...largeCases];
    expect(new Set(all.map((c) => c.name)).size).toBe(all.length);
    for (const family of ['punch', 'attributes', 'slots'])
      expect(benchCases.filter((c) => c.family.name === family).length).toBeGreaterThanOrEqual(3);
    expect(definesOf(smallest('slots')).join(' ')).toBe(
      '-DVCPUS=1 -DACCESSES=2 -DPAGES=1 -DHOSTS=1 -DCHANGES=2 -DFOLIOS=1',
    );
  });
});

describe.skipIf(!tools)(tools ? 'Spin' : `Spin (skipped: ${INSTALL})`, () => {
  // Each is compiled. What is compared below is one of them, too.
  it.each(isThorough ? smallCases : [smallest('attributes')])(
    'stores the same number of states of $name',
    async (subject) => {
      const found = await runSpin(tools!, subject, making('unreduced'));
      expect(found).toMatchObject({
        states: subject.states,
        transitions: subject.transitions,
        errors: 0,
        complete: true,
      });
    },
  );

  const broken = [
    ['slots', 'NO_SRCU'],
    ['punch', 'NO_STALE_CHECK'],
    ['punch', 'NO_INVALIDATE_LOCK'],
    ['punch', 'NO_CLEAR'],
    ['attributes', 'NO_STALE_CHECK'],
  ] as const;
  it.each(isThorough ? broken : broken.slice(0, 1))(
    'sees that %s is broken with %s',
    async (family, mutation) => {
      const found = await runSpin(tools!, smallest(family), making('unreduced', [`-D${mutation}`]));
      expect(found.errors).toBe(1);
      expect(found.complaint).toMatch(/^assertion violated/);
    },
  );
});

describe.skipIf(!tools)('a model that differs, but breaks nothing', () => {
  const other = [
    ['makes one step of two', 'punch-1x1-1-1x1', 'COARSE'],
    ['makes one step of two', 'attributes-1x1-2-2x2', 'COARSE'],
    ['takes the lowest free frame', 'punch-1x3-3-2x1', 'LOWEST_FREE'],
  ] as const;
  it.each(isThorough ? other : other.slice(0, 1))(
    'has other counts: one that %s (%s)',
    async (_, name, mutation) => {
      const subject = smallCases.find((c) => c.name === name)!;
      const found = await runSpin(tools!, subject, making('unreduced', [`-D${mutation}`]));
      expect(found).toMatchObject({ errors: 0, complete: true });
      expect(found.states).not.toBe(subject.states);
    },
  );
});

describe('a comparison', () => {
  const subject = smallest('slots');

  it.skipIf(!tools)('agrees only where counts and verdicts do', async () => {
    const workshop = new Workshop();
    try {
      await workshop.make(tools!, [subject], () => {}, { optimization: '-O0' });
      const compared = await compare(subject, workshop.verifiers(subject), () => {});
      expect(agreement(compared)).toEqual({ counts: true, verdicts: true });
      const { spin, ours } = compared;
      expect(spin!.reduced).toHaveLength(ours.reduced.length);
      const { states, transitions } = subject;
      expect(spin!.unreduced).toMatchObject({ states, transitions, errors: 0, complete: true });
      expect(spin!.reduced[0]).toMatchObject({ errors: 0, complete: true });
      expect(spin!.reduced[0]!.states).toBeLessThan(states!);
      expect(spin!.reduced[0]!.hashBits).toBe(hashBitsFor(states!) + 1);
      const off = { ...spin!.unreduced!, transitions: subject.transitions! + 1 };
      const cut = { ...spin!.unreduced!, complete: false };
      const broken = { ...spin!.reduced[0]!, errors: 1 };
      const agrees = (changed: object) =>
        agreement({ ...compared, spin: { ...spin!, ...changed } });
      expect(agrees({ unreduced: off })).toMatchObject({ counts: false });
      expect(agrees({ unreduced: cut })).toMatchObject({ counts: false });
      expect(agrees({ reduced: [broken] })).toEqual({ counts: true, verdicts: false });
      const other = { ...subject, states: subject.states! + 1 };
      expect(agreement({ ...compared, subject: other })).toMatchObject({ counts: false });
    } finally {
      await workshop.remove();
    }
  });

  it('goes on without Spin where a verifier fails: with what was recorded', async () => {
    const fails = { run: () => Promise.reject(new InputError('./pan failed: out of luck')) };
    const verifiers = { unreduced: undefined, reduced: fails as unknown as Verifier };
    const compared = await compare(subject, verifiers, () => {});
    expect(compared).toMatchObject({ spin: undefined, failure: './pan failed: out of luck' });
    expect(agreement(compared)).toEqual({ counts: true, verdicts: undefined });
    const other = { ...subject, transitions: 0 };
    expect(agreement({ ...compared, subject: other }).counts).toBe(false);
  });

  it('takes the verdict of a reduced search, not its states', async () => {
    const reduced = await searchReduced(subjectOf(subject), ALL);
    expect(reduced.verdict).toBe('holds');
    expect(reduced.states).toBeLessThan(subject.states!);
  });
});

describe('the output of pan', () => {
  const output = [
    'State-vector 60 byte, depth reached 63, errors: 0',
    '     1316 states, stored',
    '     1157 states, matched',
    '     2473 transitions (= stored+matched)',
    '    0.100\tequivalent memory usage for states (stored*(State-vector + overhead))',
    '    0.284\tactual memory usage for states',
    '  128.000\tmemory used for hash table (-w24)',
    '   10.000\tmemory used for DFS stack (-m200000)',
    '  138.284\ttotal actual memory usage',
    'pan: elapsed time 0.02 seconds',
  ].join('\n');

  it('is read, the initial state not counted as a transition', () => {
    expect(readPan(output)).toEqual({
      states: 1316,
      transitions: 2472,
      errors: 0,
      elapsedSeconds: 0.02,
      vectorBytes: 60,
      bytes: expect.closeTo(0.284 * 2 ** 20, 0),
      complete: true,
      complaint: undefined,
    });
  });

  it('tells a search that was cut short', () => {
    const cut = `error: max search depth too small\n${output}`;
    expect(readPan(cut)).toMatchObject({
      complete: false,
      complaint: 'error: max search depth too small',
    });
    expect(readPan(output.replace('1316', '1.2306285e+08'))).toMatchObject({ states: 123062850 });
    expect(readPan('Segmentation fault')).toBeUndefined();
  });
});
