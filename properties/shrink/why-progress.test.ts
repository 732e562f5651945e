import { describe, expect, it } from 'vitest';
import type { Known } from '../../models/races/race.js';
import { readTest } from '../../models/language/index.js';
import { races } from '../../models/races/index.js';
import { stateOf } from '../../src/check/races/shown.js';
import { committedTest } from '../../src/check/tests.js';
import type { Machine } from '../../src/core/machine.js';
import { Run } from '../../src/core/run.js';
import type { Schedule } from '../../src/core/schedule.js';
import { traceOf } from '../../src/core/trace.js';
import { Integers } from '../../src/explore/sampling/integers.js';
import { flipsOfProgress } from '../../src/shrink/flips-of-progress.js';
import { orderOf } from '../../src/shrink/flips.js';
import { shrink, type Shrunk } from '../../src/shrink/shrink.js';
import { whyLines } from '../../src/shrink/why-text.js';
import { whyOf, type Why } from '../../src/shrink/why.js';
import { FIXED_SEED } from '../model/seed.js';
import { isSeen } from './seen.js';

async function explained(id: string): Promise<{ shrunk: Shrunk; why: Why }> {
  const { breaks } = races.find((r): r is Known => r.id === id && r.kind === 'race')!;
  const named = await stateOf(breaks.under);
  const asked = { named, property: breaks.property, maxStates: 100_000 };
  const shrunk = shrink(committedTest(breaks.test)!, asked);
  return { shrunk, why: whyOf(shrunk)! };
}

/** Can everybody finish from behind a run? By trying all that can follow. */
function canEnd(machine: Machine, schedule: Schedule): boolean {
  const seen = new Set<string>();
  const left = [schedule];
  for (let some; (some = left.pop());) {
    const { run } = traceOf(machine, some);
    if (run.isFinished) return true;
    const key = `${run.memory} ${run.nodes.join(' ')}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const next of run.enabled()) left.push([...some, next]);
  }
  return false;
}

const MANY = 120;

/** A random run, which is given up where it takes so long. */
function drawn(machine: Machine, number: number): Run {
  const random = new Integers(FIXED_SEED, number);
  const run = new Run(machine);
  while (run.decisions.length < MANY && !run.isFinished) {
    const enabled = run.enabled();
    run.take(enabled[random.below(enabled.length)]!);
  }
  return run;
}

describe('why not everybody can finish', () => {
  it.each(['prefault-waits-for-its-slot', 'prefault-keeps-obsolete-root'])(
    '%s: the orders are those of random runs that do not end, and the step is the last chance',
    async (id) => {
      const { shrunk, why } = await explained(id);
      const { machine, test } = shrunk.least;
      const columns = test.scenario.columns.map((c) => c.name);
      const counts = { ends: 0, stays: 0 };
      for (let number = 0; number < 150; number++) {
        const run = drawn(machine, number);
        const { steps } = traceOf(machine, run.decisions);
        const hasAll = why.needed.every((order) => isSeen(order, steps, columns));
        if (!run.isFinished) expect(hasAll).toBe(true);
        if (run.isFinished && why.isEnough) expect(hasAll).toBe(false);
        counts[run.isFinished ? 'ends' : 'stays']++;
      }
      expect(Math.min(counts.ends, counts.stays)).toBeGreaterThan(3);
      const { number } = why.noReturn as Exclude<Why['noReturn'], 'start' | undefined>;
      expect(canEnd(machine, shrunk.schedule.slice(0, number - 1))).toBe(true);
      expect(canEnd(machine, shrunk.schedule.slice(0, number))).toBe(false);
      expect(whyLines(why).filter((line) => line.length > 75)).toEqual([]);
    },
  );

  it('says so where it is lost from the start, and what came of a step', () => {
    const none = { needed: [], isEnough: false, flipped: 0, open: 0 };
    expect(whyLines({ ...none, noReturn: 'start' })).toEqual([
      'Why: no order of two steps is needed for it (0 orders turned round).',
      'Not everybody can finish, whatever is done first.',
    ]);
    const psmash = { column: 'host', fn: 'rmp_make_shared', label: 'psmash()', isUnique: true };
    const step = { ...psmash, option: 'fails' };
    const noReturn = { step, number: 26, instead: [{ ...psmash, option: '' }] };
    expect(whyLines({ ...none, noReturn }).slice(1)).toEqual([
      'Not everybody can finish behind step 26, host: psmash() /* fails */; in its',
      'place, host: psmash() leaves that open.',
    ]);
  });
});

describe('why it goes round', () => {
  it('takes the orders without which no circle is left, and no others', async () => {
    const asked = { named: await stateOf('P1'), property: 'livelock', maxStates: 100_000 };
    const { breaksWithout } = flipsOfProgress(readTest(ROUND, 'round.litmus'), asked);
    const step = (column: string, fn: string, label: string) => {
      return { column, fn, label, isUnique: true };
    };
    const found = step('host', 'truncate_second_pass', 'find_get_entries([0])');
    const add = 'folio = filemap_alloc_folio(); filemap_add_folio()';
    const added = step('vcpu0', 'filemap_grab_folio', add);
    expect(breaksWithout([orderOf(added, found)])).toBe('no');
    const begun = step('host', 'kvm_gmem_invalidate_begin', 'write_lock(&kvm->mmu_lock)');
    expect(breaksWithout([orderOf(added, begun)])).toBe('yes');
  });
});

const ROUND = `gmem round
{ memory=sw; pages=2; gfns=1; attr[0]=private; }
 vcpu0       | host                        ;
 run: read 0 | fallocate(PUNCH_HOLE, 0, 2) ;
`;
