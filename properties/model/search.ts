import fc, { type Arbitrary } from 'fast-check';
import type { Protocol } from '../../models/protocol.js';
import type { Scenario } from '../../models/scenario.js';
import { plans } from '../../src/fastcheck/index.js';
import { findBroken, smallest, textOf, type Found } from './found.js';

/** How much to generate. */
export interface Effort {
  readonly seed: number;
  readonly scenarios: number;
  /** Schedules of each scenario. */
  readonly schedules: number;
}

class Broken extends Error {
  constructor(readonly found: Found) {
    super(`breaks ${found.property}`);
  }
}

/** What a search came to; the report is fast-check's own. */
export interface Search {
  readonly found: Found | undefined;
  readonly scenarios: number;
  readonly report: string;
}

/**
 * Runs generated scenarios under generated schedules. A scenario shrinks under
 * all its schedules, or dropping a call would move the preemption away from the
 * step that matters; then the schedule shrinks within the smallest scenario.
 */
export function search(
  from: Arbitrary<Scenario>,
  protocol: Protocol,
  effort: Effort,
  isKnown: (found: Found) => boolean = () => false,
): Search {
  const details = fc.check(
    fc.property(from, fc.noShrink(fc.integer()), (scenario, seed) => {
      const drawn = fc.sample(plans(), { seed, numRuns: effort.schedules });
      const found = findBroken(scenario, protocol, drawn, isKnown);
      if (found) throw new Broken(found);
    }),
    { seed: effort.seed, numRuns: effort.scenarios },
  );
  const error = details.errorInstance;
  if (error !== null && !(error instanceof Broken)) throw error;
  return {
    found: error ? smallest(error.found, protocol) : undefined,
    scenarios: details.numRuns,
    report: fc.defaultReportMessage(details) ?? '',
  };
}

/** @throws Error with the seed, the diagram and the token of what was found. */
export function expectNothing({ found, report }: Search, protocol: Protocol): void {
  if (found) throw new Error(`${textOf(found, protocol)}\n\n${report}`);
}
