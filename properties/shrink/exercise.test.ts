import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  scenarios,
  type Action,
  type ScenarioConstraints,
} from '../../models/arbitraries/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { findProtocol } from '../../src/check/protocols.js';
import { ContextBoundedSearch } from '../../src/explore/contexts.js';
import { Exercise } from '../../src/shrink/exercise.js';
import { exerciseLines } from '../../src/shrink/exercise-text.js';
import { machineOf } from '../../src/shrink/generated.js';

const VERSION = '6.12';

async function exerciseOf(runs: number, constraints: ScenarioConstraints = {}): Promise<Exercise> {
  const exercise = new Exercise(await findProtocol(VERSION));
  const protocol = protocolById(VERSION);
  for (const scenario of fc.sample(scenarios(protocol, constraints), { seed: 1, numRuns: runs })) {
    const machine = machineOf(scenario, protocol);
    const search = new ContextBoundedSearch(machine, { maxStates: 300 });
    search.run();
    exercise.add(scenario, machine, search.states);
  }
  return exercise;
}

/** Of what a hunt is to have, what these scenarios have too seldom. */
function missing(e: Exercise): string[] {
  const least = (share: number) => share * e.scenarios;
  const flows: readonly Action[] = ['punch', 'read', 'KVM_PRE_FAULT_MEMORY', 'delete', 'close'];
  const sum = (of: Exercise['waits'], what: RegExp): number =>
    of.sorted.reduce((all, [name, count]) => all + (what.test(name) ? count : 0), 0);
  return [
    ...flows.filter((flow) => e.actions.of(flow) < least(0.03)),
    ...(sum(e.waits, /mmu_lock/) < least(0.05) ? ['waits for mmu_lock'] : []),
    ...(sum(e.overlaps, /punch/) < least(0.1) ? ['overlaps with a hole'] : []),
    ...(e.retries.of('kvm_tdp_map_page') === 0 ? ['a pre-fault that starts over'] : []),
  ];
}

describe('what random scenarios exercise', () => {
  it('has a share of each flow and contention', async () => {
    const exercise = await exerciseOf(100);
    expect(missing(exercise)).toEqual([]);
    const lines = exerciseLines(exercise);
    expect(lines.find((line) => line.length > 75)).toBeUndefined();
    const [, reached, all] = /steps: (\d+) of (\d+) reached/.exec(lines.join('\n'))!.map(Number);
    expect(reached! / all!).toBeGreaterThan(0.6);
  });

  it.each<[string, ScenarioConstraints, string[]]>([
    ['a flow', { without: ['close'] }, ['close']],
    [
      'a second thread',
      { excludes: (s) => s.columns.length > 1 },
      ['waits for mmu_lock', 'overlaps with a hole', 'a pre-fault that starts over'],
    ],
  ])('shows what goes with %s', async (_, constraints, gone) => {
    expect(missing(await exerciseOf(40, constraints))).toEqual(expect.arrayContaining(gone));
  });
});
