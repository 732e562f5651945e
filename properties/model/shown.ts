import type { ScenarioConstraints } from '../../models/arbitraries/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import { defaultInvariants } from '../../models/invariants/index.js';
import type { Protocol } from '../../models/protocol.js';
import type { Scenario } from '../../models/scenario.js';
import { expectationOf } from '../../src/check/expectation.js';
import { InputError } from '../../src/core/errors.js';
import { DEADLOCK } from '../../src/explore/verdict.js';
import { committedExamples, isLike, testsAsPosted } from '../../src/shrink/known.js';
import type { Found } from './found.js';
import { known, unreliable } from './known.js';
import { testNamed, verdictOf } from './verdict.js';

/** What to generate so that only what is not known yet can be found. */
export function withoutKnown(protocol: string): ScenarioConstraints {
  const shown = committedExamples(protocol)
    .filter((example) => ASKED.includes(example.property))
    .map((example) => example.test.scenario);
  const listed = withoutListed(protocol).excludes;
  return { excludes: (s) => listed(s) || shown.some((least) => isLike(least, s)) };
}

const ASKED = [...defaultInvariants, DEADLOCK];

/** The same without what is listed alone: what committed tests show is still found. */
export function withoutListed(protocol: string) {
  const said = known.filter((k) =>
    k.tests.some((name) => expectationOf(testNamed(name), protocol)?.verdict === 'violated'),
  );
  const kinds = [...said, ...unreliable];
  return { excludes: (s: Scenario) => kinds.some((k) => k.in(s)) };
}

/**
 * Is what was found known of another version, by a committed test that breaks under this one
 * as well, though it does not name it? Versions have most of their code in common, and tests
 * name those that tell something. What no test breaks in this version is new.
 */
export function isShownByOthers({ scenario, property }: Found, protocol: Protocol): boolean {
  const kinds = known.filter((k) => k.in(scenario)).map((k) => k.tests.map(testNamed));
  const isOfKind = kinds.some(
    (tests) =>
      tests.some((test) => propertiesOf(test).includes(property)) &&
      tests.some((test) => brokenBy(test, protocol) !== undefined),
  );
  return (
    isOfKind ||
    testsAsPosted().some(
      (test) =>
        propertiesOf(test).includes(property) &&
        isLike(test.scenario, scenario) &&
        brokenBy(test, protocol) === property,
    )
  );
}

/** What a test says that versions break. */
const propertiesOf = (test: LitmusTest): string[] =>
  test.expectations.flatMap((e) => (e.property ? [e.property.text] : []));

/** What a test breaks in a finite run: as it says, or, of what it does not name, as it comes out. */
function brokenBy(test: LitmusTest, protocol: Protocol): string | undefined {
  const expected = expectationOf(test, protocol.id);
  if (expected) return expected.property?.text;
  const key = `${test.name} ${protocol.id}`;
  if (!broken.has(key)) broken.set(key, askedOf(test, protocol));
  return broken.get(key);
}
const broken = new Map<string, string | undefined>();

function askedOf(test: LitmusTest, protocol: Protocol): string | undefined {
  try {
    return verdictOf(test, protocol).property ?? undefined;
  } catch (error) {
    // The version has no such memory, or no such call.
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
