import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceOf, type TraceStep } from '../../src/core/trace.js';
import { plans, runSchedule } from '../../src/fastcheck/index.js';
import { orderTexts, whyLines } from '../../src/shrink/why-text.js';
import { shrink, type Shrunk } from '../../src/shrink/shrink.js';
import { subjectOf } from '../../src/shrink/subject.js';
import { FIXED_SEED } from '../model/seed.js';
import { whyOf, type Needed, type Why } from '../../src/shrink/why.js';

async function explained(test: string, protocol: string): Promise<{ shrunk: Shrunk; why: Why }> {
  const subject = await subjectOf(test, protocol, 100_000);
  const shrunk = shrink(subject.test, subject.asked);
  return { shrunk, why: whyOf(shrunk)! };
}

describe('why a property breaks', () => {
  it('says which orders it takes', async () => {
    const { why } = await explained('p0-fault-vs-punch', 'P0');
    expect(orderTexts(why.needed)).toEqual([
      'host: [find_lock_entries(): trylock([0]), write_unlock(&kvm->mmu_lock)]  inside  ' +
        '[vcpu0: folio_lock(folio); folio->mapping == mapping?, read_lock(&kvm->mmu_lock)]',
    ]);
    expect(why).toMatchObject({ isEnough: true, open: 0 });
    const lines = whyLines(why);
    expect(lines.join(' ')).toContain('Bug depth 2');
    expect(lines.filter((line) => line.length > 75)).toEqual([]);
  });

  it.each([
    ['p0-fault-vs-punch', 'P0'],
    ['close-vs-delete-slot', 'P1'],
    ['prep-4-page-left-in-hole', 'P3'],
  ])('%s: random runs that break it have these orders, all of them', async (test, protocol) => {
    const { shrunk, why } = await explained(test, protocol);
    expect(why.needed.length).toBeGreaterThan(0);
    let broken = 0;
    const { machine, test: least } = shrunk.least;
    const columns = least.scenario.columns.map((c) => c.name);
    for (const plan of fc.sample(plans(), { seed: FIXED_SEED, numRuns: 600 })) {
      const { broken: property, schedule } = runSchedule(machine, plan);
      if (property !== shrunk.asked.property) continue;
      broken++;
      const { steps } = traceOf(machine, schedule);
      for (const order of why.needed) expect(isSeen(order, steps, columns)).toBe(true);
    }
    expect(broken).toBeGreaterThan(5);
  });
});

function isSeen(
  { before, after }: Needed,
  steps: readonly TraceStep[],
  columns: readonly string[],
): boolean {
  const is = (s: TraceStep, name: Needed['before']): boolean =>
    columns[s.actor] === name.column && s.frames.at(-1)?.name === name.fn && s.label === name.label;
  const first = steps.findIndex((s) => is(s, before));
  return first >= 0 && steps.slice(first + 1).some((s) => is(s, after));
}
