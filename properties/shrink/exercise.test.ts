import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenarios, type ScenarioConstraints } from '../../models/arbitraries/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { ContextBoundedSearch } from '../../src/explore/contexts.js';
import { Exercise, type Counts } from '../../src/shrink/exercise.js';
import { exerciseLines } from '../../src/shrink/exercise-text.js';
import { machineOf } from '../../src/shrink/generated.js';

function exerciseOf(runs: number, constraints: ScenarioConstraints = {}): Exercise {
  const protocol = protocolById('6.12');
  const exercise = new Exercise({ protocol, reference: protocol.id });
  for (const scenario of fc.sample(scenarios(protocol, constraints), { seed: 1, numRuns: runs })) {
    const machine = machineOf(scenario, protocol);
    const search = new ContextBoundedSearch(machine, { maxStates: 300 });
    search.run();
    exercise.add(scenario, machine, search.states);
  }
  return exercise;
}

/** What a hunt has to have, and these scenarios have too seldom. */
function missing(e: Exercise): string[] {
  const flows = ['punch', 'read', 'KVM_PRE_FAULT_MEMORY', 'KVM_SET_MEMORY_ATTRIBUTES', 'close'];
  const times = (of: Counts, what: RegExp): number =>
    of.sorted.reduce((sum, [name, count]) => sum + (what.test(name) ? count : 0), 0);
  const least: Record<string, [number, number]> = {
    ...Object.fromEntries(flows.map((flow) => [flow, [e.actions.of(flow), 0.05]])),
    'a wait for a lock': [times(e.waits, /lock/), 0.1],
    'an overlap with a hole': [times(e.overlaps, /punch/), 0.1],
    'a fault that starts over': [e.retries.of('vcpu_run'), 0.03],
    'a refusal': [times(e.errors, /-EINVAL|-EFAULT/), 0.1],
  };
  return Object.entries(least).flatMap(([name, [count, share]]) =>
    count < share * e.scenarios ? [name] : [],
  );
}

describe('what random scenarios exercise', () => {
  it('has a share of each flow and contention, in lines of 75 columns', () => {
    const exercise = exerciseOf(60);
    expect(missing(exercise)).toEqual([]);
    expect(exerciseLines(exercise).filter((line) => line.length > 75)).toEqual([]);
  });

  it.each<[string, ScenarioConstraints, string[]]>([
    ['a flow', { without: ['close'] }, ['close']],
    [
      'a second thread',
      { excludes: (s) => s.columns.length > 1 },
      ['a wait for a lock', 'an overlap with a hole'],
    ],
  ])('shows that %s is gone', (_, constraints, gone) => {
    expect(missing(exerciseOf(40, constraints))).toEqual(gone);
  });
});
