import { describe, expect, it } from 'vitest';
import { searchAll } from '../../bench/exhaustive.js';
import { smallCases, subjectOf } from '../../bench/spin/cases.js';
import { readPan } from '../../bench/spin/pan.js';
import { runSpin, type Making } from '../../bench/spin/spin.js';
import { findTools } from '../../bench/spin/tools.js';

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
});

describe.skipIf(!tools)('Spin', () => {
  it.each(smallCases)('stores the same number of states of $name', async (subject) => {
    const found = await runSpin(tools!, subject, making('unreduced'));
    expect(found).toMatchObject({
      states: subject.states,
      transitions: subject.transitions,
      errors: 0,
      complete: true,
    });
  });

  it('needs no more states when it reduces', async () => {
    const subject = smallest('punch');
    const found = await runSpin(tools!, subject, making('reduced'));
    expect(found).toMatchObject({ errors: 0, complete: true });
    expect(found.states).toBeLessThanOrEqual(subject.states);
  });

  it.each([
    ['punch', 'NO_STALE_CHECK'],
    ['punch', 'NO_INVALIDATE_LOCK'],
    ['attributes', 'NO_STALE_CHECK'],
    ['slots', 'NO_SRCU'],
  ])('sees that %s is broken with %s', async (family, mutation) => {
    const found = await runSpin(tools!, smallest(family), making('unreduced', [`-D${mutation}`]));
    expect(found.errors).toBe(1);
    expect(found.complaint).toMatch(/^assertion violated/);
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
      bytes: 128.284 * 2 ** 20,
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
    expect(readPan('Segmentation fault')).toBeUndefined();
  });
});
