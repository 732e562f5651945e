import type { LitmusTest } from '../../../models/language/index.js';
import { counted } from '../../explore/counted.js';
import { committedTest } from '../tests.js';
import type { Decided } from './decide.js';

/** How large the worlds were that a claim was checked in, in words. */
export function scopeOf({ claim, outcomes }: Decided): string {
  const names = [...new Set(outcomes.map((o) => o.result.test))];
  const tests = names.map((name) => committedTest(name)!);
  const largest = (of: (t: LitmusTest) => number): number => Math.max(...tests.map(of));
  const kinds = [...new Set(tests.map((t) => t.scenario.memory))];
  const faults = largest((t) => t.scenario.faults);
  return [
    `${claim.of.join(', ')}: ${counted(tests.length, 'test')}`,
    `${counted(
      largest((t) => t.scenario.vms?.count ?? 1),
      'VM',
    )} (${kinds.join(', ')})`,
    `up to ${counted(
      largest((t) => t.scenario.pages),
      'page',
    )}`,
    counted(
      largest((t) => t.scenario.columns.length),
      'thread',
    ),
    ...(faults > 0 ? [`${counted(faults, 'injected failure')}`] : []),
  ].join(', ');
}
