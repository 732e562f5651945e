import type { Arbitrary } from 'fast-check';
import { defaultInvariants } from '../invariants/index.js';
import type { Protocol } from '../protocol.js';
import type { Scenario } from '../scenario.js';
import { Actions, type Action } from './actions.js';
import { fit, hasOf } from './fit.js';
import { legible } from './legible.js';
import { raws } from './raw.js';

export { actionOf, type Action } from './actions.js';

/** Narrows what is generated. */
export interface ScenarioConstraints {
  /** Actions that are not generated. */
  readonly without?: readonly Action[];
  /** Combinations that are not generated. */
  readonly excludes?: (scenario: Scenario) => boolean;
  /** Ids of the invariants to check; unless given, those that are checked by default. */
  readonly invariants?: readonly string[];
}

/**
 * Scenarios that a protocol can run: a gmem of 1 or 2 pages, 1 to 3 threads of 1 to 3
 * calls, and whatever this version has besides, each seldom. They shrink towards one page,
 * one thread, one call, no fault, a private page that nobody has allocated.
 */
export function scenarios(
  protocol: Protocol,
  {
    without = [],
    excludes = () => false,
    invariants = defaultInvariants,
  }: ScenarioConstraints = {},
): Arbitrary<Scenario> {
  const actions = new Actions(protocol, without);
  const has = hasOf(protocol);
  return raws(protocol, actions, has.corners)
    .map((raw) => legible(fit(raw, has, actions, invariants), protocol))
    .filter((scenario) => !excludes(scenario));
}
