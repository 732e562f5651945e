import { describe, expect, it } from 'vitest';
import { mutations } from '../../models/mutations/index.js';
import { variantOf } from '../../models/mutations/mutation.js';
import { progress } from '../../models/progress/index.js';
import type { Protocol } from '../../models/protocol.js';
import { protocolById } from '../../models/protocols/index.js';
import { expectationOf, protocolsOf } from '../../src/check/expectation.js';
import { testNamed, verdictOf } from './verdict.js';

const asked = progress.flatMap(({ id, asked }) => asked.map((a) => ({ id, ...a })));
const broken = progress.flatMap(({ id, broken }) => broken.map((b) => ({ id, ...b })));

function protocolOf(under: string): Protocol {
  const mutation = mutations.find((m) => m.id === under);
  return mutation ? variantOf(mutation) : protocolById(under);
}

describe('what must go on happening', () => {
  it('has a name, a test that asks it, and something that breaks it', () => {
    expect(progress.map((p) => p.id)).toEqual(['L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L7']);
    for (const p of progress)
      expect([p.id, p.asked.length > 0, p.broken.length > 0]).toEqual([p.id, true, true]);
  });

  // That the test holds there is asked with all committed tests.
  it.each(asked)('$id is asked by $test under $under', ({ test, under }) => {
    expect(protocolsOf(testNamed(test))).toContain(under);
    expect(expectationOf(testNamed(test), under)!.verdict).toBe('holds');
  });

  // What a mutation breaks is searched with all mutations.
  it.each(broken)('$id is broken by $test under $under', ({ test, under, property }) => {
    const mutation = mutations.find((m) => m.id === under);
    if (mutation && 'property' in mutation.caught && mutation.caught.test === test) {
      expect(mutation.caught.property).toBe(property);
      return;
    }
    const result = verdictOf(testNamed(test), protocolOf(under));
    expect([result.verdict, result.property]).toEqual(['violated', property]);
  });
});
