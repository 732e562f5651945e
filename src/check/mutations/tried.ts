import { mutations } from '../../../models/mutations/index.js';
import { variantOf, type Mutation } from '../../../models/mutations/mutation.js';
import type { LitmusTest } from '../../../models/language/index.js';
import { expectationOf, protocolsOf } from '../expectation.js';
import { committedTest } from '../tests.js';

/** Versions that mutations have been tried on; another one is added when its code has been read. */
const TRIED = ['P0', 'P0+stale', 'P0s', 'P0s+slot', 'P1', 'P1a', 'P2', 'P3', 'P3z', '6.12'].concat([
  'P4',
  'P5',
  'P6',
  'P7',
  'P8',
  'P9',
]);

/** A mutation that must be noticed, made on one version. */
export interface Mutant {
  readonly mutation: Mutation;
  readonly version: string;
  readonly test: LitmusTest;
  readonly property: string;
}

/** `6.12~no-stale-check`: a protocol by the name that the command line has for it. */
export const nameOf = ({ mutation, version }: Mutant): string => `${version}~${mutation.id}`;

/**
 * Every mutation that a test tells, on every version in which it can; one of a version
 * that the others have not been tried on is tried there, and where it says.
 */
export function mutantsOf(mutation: Mutation): readonly Mutant[] {
  const { caught, base, only, except } = mutation;
  if (!('property' in caught)) return [];
  const { property, sw } = caught;
  return (TRIED.includes(base) ? TRIED : [base, ...(only ?? [])]).flatMap((version) => {
    const isMeant = only ? only.includes(version) : !except?.includes(version);
    if (version !== base && !isMeant) return [];
    const test = [caught.test, sw].map(testNamed).find((t) => t && tells(t, version, property));
    return test ? [{ mutation, version, test, property }] : [];
  });
}

export const allMutants = (): readonly Mutant[] => mutations.flatMap(mutantsOf);

/** The protocol of a mutant's name; undefined where there is no such mutation. */
export function mutantNamed(name: string) {
  const [version, id] = name.split('~');
  const mutation = mutations.find((m) => m.id === id);
  return mutation && variantOf(mutation, version);
}

const testNamed = (name: string | undefined): LitmusTest | undefined =>
  name === undefined ? undefined : committedTest(name);

/** Does the test speak of that version, and not break there anyway? */
function tells(test: LitmusTest, version: string, property: string): boolean {
  if (!protocolsOf(test).includes(version)) return false;
  return expectationOf(test, version)!.property?.text !== property;
}
