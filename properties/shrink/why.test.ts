import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceOf } from '../../src/core/trace.js';
import { plans, runSchedule } from '../../src/fastcheck/index.js';
import { races } from '../../models/races/index.js';
import type { Known } from '../../models/races/race.js';
import { stateOf } from '../../src/check/races/shown.js';
import { committedTest } from '../../src/check/tests.js';
import { isAt } from '../../src/shrink/blocks.js';
import { orderTexts, whyLines } from '../../src/shrink/why-text.js';
import { shrink, type Shrunk } from '../../src/shrink/shrink.js';
import { subjectOf } from '../../src/shrink/subject.js';
import { FIXED_SEED } from '../model/seed.js';
import { whyOf, type Why } from '../../src/shrink/why.js';
import { isSeen } from './seen.js';

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

  it('knows that a run which breaks a condition ends none the less', async () => {
    const { why } = await explained('prefault-attribute-flips', '6.12');
    expect(why).toMatchObject({ isEnough: true, open: 0 });
  });

  it('of two that do the same asks for either to play each part', async () => {
    const { why } = await explained('prepare-fails', '6.12~uptodate-before-prepared');
    expect(why).toMatchObject({ twins: ['vcpu0', 'vcpu1'], open: 0 });
    expect(orderTexts(why.needed)).toEqual([
      'vcpu0: folio = filemap_alloc_folio(); filemap_add_folio()  before  ' +
        'vcpu1: folio = filemap_get_entry(mapping, index)',
      'vcpu0: folio_unlock(folio)  before  vcpu1: folio_lock(folio); folio->mapping == mapping?',
    ]);
    expect(whyLines(why).join(' ')).toContain('or the same with vcpu0 and vcpu1 exchanged,');
  });

  /** Ten of the corpus, of all its parts. */
  const RACES = [
    'stale-check-skipped',
    'page-left-in-hole',
    'snapshot-too-late',
    'populated-after-launch',
    'slot-outlived-by-binding',
    'failure-and-hole-wait',
    'host-maps-private-page',
    'file-of-another-vm',
    'td-prefaulted-before-finalized',
    'zap-finds-entry-busy',
  ];

  it.each(RACES)(
    '%s: five lines at most; random runs that break it have these orders',
    async (id) => {
      const { breaks } = races.find((r): r is Known => r.id === id && r.kind === 'race')!;
      const test = committedTest(breaks.test)!;
      const named = await stateOf(breaks.under);
      const shrunk = shrink(test, { named, property: breaks.property, maxStates: 100_000 });
      const why = whyOf(shrunk)!;
      const lines = orderTexts(why.needed);
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.length).toBeLessThanOrEqual(5);
      const { machine, goal, test: least } = shrunk.least;
      const columns = least.scenario.columns.map((c) => c.name);
      let broken = 0;
      for (const plan of fc.sample(plans({ maxPreemptions: 3 }), {
        seed: FIXED_SEED,
        numRuns: 300,
      })) {
        const { schedule } = runSchedule(machine, plan);
        const { steps, run } = traceOf(machine, schedule);
        const hasAll = why.needed.every((order) => isSeen(order, steps, columns));
        if (why.isEnough && hasAll && run.isFinished) expect(isAt(goal, run)).toBe(true);
        if (!isAt(goal, run)) continue;
        broken++;
        for (const order of why.needed) expect(isSeen(order, steps, columns)).toBe(true);
      }
      expect(broken).toBeGreaterThan(0);
    },
  );
});
