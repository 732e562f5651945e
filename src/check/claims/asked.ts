import { claims } from '../../../models/claims/index.js';
import type { Check, Claim } from '../../../models/claims/claim.js';
import { protocols } from '../../../models/protocols/index.js';
import type { LitmusTest } from '../../../models/language/index.js';
import { EngineError, InputError } from '../../core/errors.js';
import { nearest } from '../../nearest.js';
import { protocolsOf } from '../expectation.js';
import { committedTest } from '../tests.js';

/** A test under a protocol. */
export interface Pair {
  readonly test: LitmusTest;
  readonly protocol: string;
}

/** Is this a mutation of a version? What its test comes to is in no `expect` line. */
export const isMutant = (protocol: string): boolean => protocol.includes('~');

export const keyOf = (test: string, protocol: string): string => `${test} ${protocol}`;

/** Claims by id, in the order of the book; all of them unless some are named. @throws InputError */
export function findClaims(ids: readonly string[]): readonly Claim[] {
  const known = claims.map((c) => c.id);
  for (const id of ids)
    if (!known.includes(id))
      throw new InputError(
        `no claim '${id}'${nearest(id, known)}; expected one of those that 'gmemcheck claims' prints`,
      );
  return ids.length === 0 ? claims : claims.filter((c) => ids.includes(c.id));
}

/** Everything that is to come out, conditions and answers included. */
export function checksOf(claim: Claim): readonly Check[] {
  if (claim.kind === 'question') return claim.answer.flatMap((a) => a.checks);
  return [...claim.asWritten, ...(claim.provided?.checks ?? [])];
}

/**
 * The protocols that a claim can be asked of, oldest first: those that all of its tests
 * speak of, but for those that it is held against; where each check has a version of its
 * own, those that it is about.
 * @throws EngineError where the book is wrong
 */
export function protocolsAsked(claim: Claim): readonly string[] {
  const spoken = checksOf(claim)
    .filter((check) => check.under === undefined)
    .map((check) => protocolsOf(testOf(claim, check)));
  const ids = protocols.map((p) => p.id);
  const asked = spoken
    .reduce((all, each) => all.filter((id) => each.includes(id)), ids)
    .filter((id) => (spoken.length > 0 ? !isHeldAgainst(claim, id) : claim.of.includes(id)));
  for (const id of claim.of)
    if (!asked.includes(id)) throw new EngineError(`${claim.id}: a test says nothing of ${id}`);
  return asked;
}

/** A version of which one and the same test is foretold both ways: no answer is as foretold. */
function isHeldAgainst(claim: Claim, id: string): boolean {
  const lists =
    claim.kind === 'question' ? [checksOf(claim)] : [claim.asWritten, claim.provided?.checks ?? []];
  return lists.some((checks) => {
    const foretold = checks.filter((c) => (c.under ?? id) === id);
    return foretold.some((a) =>
      foretold.some(
        (b) => a.test === b.test && (a.breaks === undefined) !== (b.breaks === undefined),
      ),
    );
  });
}

/** What has to be searched to decide a claim. */
export function pairsOf(claim: Claim): readonly Pair[] {
  const asked = protocolsAsked(claim);
  return checksOf(claim).flatMap((check) => {
    const test = testOf(claim, check);
    const { under } = check;
    if (under !== undefined && !isMutant(under) && !protocolsOf(test).includes(under))
      throw new EngineError(`${claim.id}: ${test.name} says nothing of ${under}`);
    return (under === undefined ? asked : [under]).map((protocol) => ({ test, protocol }));
  });
}

/** Each pair once. */
export function distinctPairs(all: readonly Claim[]): readonly Pair[] {
  const pairs = all.flatMap(pairsOf).map((p) => [keyOf(p.test.name, p.protocol), p] as const);
  return [...new Map(pairs).values()];
}

function testOf(claim: Claim, { test }: Check): LitmusTest {
  const found = committedTest(test);
  if (!found) throw new EngineError(`${claim.id}: no test '${test}'`);
  return found;
}
