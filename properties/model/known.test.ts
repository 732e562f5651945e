import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../models/protocol.js';
import { protocolById } from '../../models/protocols/index.js';
import { committedExamples } from '../../src/shrink/known.js';
import { known } from './known.js';
import { isShownByOthers, withoutKnown } from './shown.js';
import { testNamed } from './verdict.js';

/** Versions that no test names. */
const like = (id: string): Protocol => ({ ...protocolById(id), id: `like ${id}` });

const found = (name: string, property: string) => ({
  scenario: testNamed(name).scenario,
  property,
  plan: { preemptions: [], picks: [] },
});

describe('what is known, and so is not found again', () => {
  it.each(known)('$because: a committed test shows it', ({ tests, in: has }) => {
    for (const test of tests.map(testNamed))
      expect(test.expectations.map((e) => e.verdict)).toContain('violated');
    expect(tests.map(testNamed).some((test) => has(test.scenario))).toBe(true);
  });

  it('is known of a version that no test names, if it breaks the same', () => {
    const s10 = found('populate-source-cow', 'S10');
    expect(isShownByOthers(s10, like('P8'))).toBe(true);
    expect(isShownByOthers(s10, like('P9'))).toBe(false);
    const close = found('close-vs-delete-slot', 'S10');
    expect(isShownByOthers(close, like('P3'))).toBe(true);
  });

  it('is not known where something else breaks', () => {
    expect(isShownByOthers(found('populate-source-cow', 'S1'), like('P8'))).toBe(false);
    expect(isShownByOthers(found('close-vs-delete-slot', 'S1'), like('P3'))).toBe(false);
    expect(isShownByOthers(found('fault-vs-punch', 'S1'), like('P9'))).toBe(false);
  });

  it('leaves the rest to be generated: what a test breaks by changing the code says nothing', () => {
    const excludes = (name: string) => withoutKnown('P8').excludes!(testNamed(name).scenario);
    expect(excludes('populate-source-cow')).toBe(true);
    expect(excludes('fault-vs-punch')).toBe(false);
    const names = committedExamples('P9').map((e) => e.name);
    expect(names).not.toContain('whatif-no-stale-check');
    expect(names).not.toContain('w4-no-rmb');
  });
});
