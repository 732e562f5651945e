import { describe, expect, it } from 'vitest';
import { finer, finerProtocol } from '../../models/finer/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { isThorough } from '../effort.js';
import { testNamed, verdictOf } from './verdict.js';

describe('a step of the model that is several of the kernel, taken apart', () => {
  const asked = finer.flatMap((f) =>
    f.tests.flatMap((test) =>
      f.versions
        .slice(0, isThorough ? undefined : 1)
        .map((version) => ({ ...f, finer: f, test, version })),
    ),
  );

  it.each(asked)('$id: $test under $version has the same answer', ({ finer: f, test, version }) => {
    const coarse = verdictOf(testNamed(test), protocolById(version));
    const apart = verdictOf(testNamed(test), finerProtocol(f, version));
    expect([apart.verdict, apart.property]).toEqual([coarse.verdict, coarse.property]);
    expect(coarse.verdict).not.toBe('undecided');
    if (coarse.verdict === 'holds') expect(apart.states).toBeGreaterThan(coarse.states);
  });
});
