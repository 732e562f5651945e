import { invariants } from '../../models/invariants/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { buildWorld } from '../../models/world.js';
import { expectationOf, protocolsOf } from '../../src/check/expectation.js';
import { committedTests } from '../../src/check/tests.js';
import type { Subject } from '../subject.js';

/** A committed test that says of a protocol that it breaks something in a finite run. */
export interface Race extends Subject {
  readonly property: string;
}

/** What a run that has an end cannot show: from where there is no way on, or one in circles. */
const PROGRESS = ['doomed', 'livelock'];

/** Every known race, in the order of the tests. */
export function knownRaces(): Race[] {
  return committedTests().flatMap((test) =>
    protocolsOf(test).flatMap((protocol): Race[] => {
      const property = expectationOf(test, protocol)?.property?.text;
      if (property === undefined || PROGRESS.includes(property)) return [];
      const build = () =>
        buildWorld(test.scenario, protocolById(protocol), invariants, test.condition).world;
      return [{ test: test.name, protocol, property, build }];
    }),
  );
}

/** `test@protocol`: how the benchmark names a race. */
export const raceName = ({ test, protocol }: Race): string => `${test}@${protocol}`;
