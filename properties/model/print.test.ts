import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenarios } from '../../models/arbitraries/index.js';
import { readTest } from '../../models/language/index.js';
import { printTest } from '../../models/language/print.js';
import { protocolById } from '../../models/protocols/index.js';
import type { Scenario } from '../../models/scenario.js';
import { InputError } from '../../src/core/errors.js';
import { committedTests } from '../../src/check/tests.js';
import { effort } from '../effort.js';
import { SEED } from './seed.js';

/** What a condition needs is no part of what is printed. */
const printable = committedTests().filter(({ scenario: s }) => !s.provenance && !s.orders);

/** Without the places at which changes of the kernel are written. */
const placeless = (scenario: Scenario): Scenario => ({
  ...scenario,
  ...(scenario.changes && { changes: scenario.changes.map((c) => ({ ...c, where: '' })) }),
});

describe('printTest', () => {
  it.each(['6.12', 'P0s', 'P9', 'THP', 'C2', 'H2'])(
    'what fast-check prints of a scenario of %s is read back to an equal one',
    (id) => {
      fc.assert(
        fc.property(scenarios(protocolById(id)), (scenario) => {
          const { scenario: read } = readTest(fc.stringify(scenario).trim(), 'printed');
          expect(read).toEqual(scenario);
        }),
        { seed: SEED, numRuns: effort(50) },
      );
    },
  );

  it.each(printable)('prints $name', (test) => {
    const text = printTest(test.scenario, test.name);
    expect(placeless(readTest(text, 'printed').scenario)).toEqual(placeless(test.scenario));
  });

  it('keeps checks beyond the default ones, and checks of nothing else', () => {
    const [test] = committedTests().filter((t) => t.name === 'prep-4-page-left-in-hole');
    expect(printTest(test!.scenario, 'x')).toContain('check S4s');
    expect(readTest(printTest(test!.scenario, 'x'), 'x').scenario).toEqual(test!.scenario);
    const only = { ...test!.scenario, invariants: ['S9'], provenance: false };
    expect(readTest(printTest(only, 'x'), 'x').scenario).toEqual(only);
  });

  it('appends expectations', () => {
    const [test] = committedTests();
    const text = printTest(test!.scenario, 'x', ['expect P3 6.12: violated S1 in 3 steps']);
    expect(readTest(text, 'x').expectations[0]).toMatchObject({ verdict: 'violated', steps: 3 });
  });

  it('refuses what the language has no words for', () => {
    const { scenario } = committedTests()[0]!;
    const calls = [{ op: 'KVM_CREATE_GUEST_MEMFD', file: 0, size: 1 }] as const;
    const odd = { ...scenario, columns: [{ name: 'host', calls }] };
    expect(() => printTest(odd, 'x')).toThrow(InputError);
  });
});
