import type { Coverage, FunctionCoverage, Outcome, StepCoverage } from '../../report/coverage.js';
import type { Named } from '../named.js';
import { whyNever } from './never.js';
import { Facts, type FunctionFacts, type PlaceFacts } from './facts.js';
import { surveyOf, type FunctionUniverse, type Survey } from './universe.js';
import { labelText, partsOf } from './values.js';
import type { Found } from './found.js';

/** What tests reached, a protocol at a time. */
export class CoverageSums {
  private readonly sums = new Map<string, CoverageSum>();

  /** @param protocols by the names that jobs have for them */
  constructor(private readonly protocols: ReadonlyMap<string, Named>) {}

  add(protocol: string, lines: readonly string[]): void {
    let sum = this.sums.get(protocol);
    if (!sum) this.sums.set(protocol, (sum = new CoverageSum(this.protocols.get(protocol)!)));
    sum.add(lines);
  }

  /** In the order the protocols came. */
  get coverage(): Coverage[] {
    return [...this.sums.values()].map((sum) => sum.coverage);
  }
}

/** What the tests of one protocol reached, added up as they are answered. */
export class CoverageSum {
  private readonly survey: Survey | undefined;
  private readonly facts: Facts | undefined;
  private readonly known = new Set<string>();
  private tests = 0;

  constructor(private readonly named: Named) {
    this.survey = surveyOf(named);
    this.facts = this.survey && new Facts(this.survey);
  }

  /** How frames ran in one test, from whichever thread. */
  add(lines: readonly string[]): void {
    this.tests++;
    for (const line of lines) {
      if (this.known.has(line)) continue;
      this.known.add(line);
      this.facts?.add(line);
    }
  }

  get coverage(): Coverage {
    const protocol = this.named.protocol.id;
    const functions = [...(this.survey?.universe ?? [])].map(([name, universe]) =>
      functionCoverage(protocol, name, universe, this.facts!.functions.get(name)),
    );
    return { protocol, tests: this.tests, functions };
  }
}

/** What is known of one function, against all that there is in it. */
export function functionCoverage(
  protocol: string,
  name: string,
  { source, sites, returns, failed }: FunctionUniverse,
  facts: FunctionFacts | undefined,
): FunctionCoverage {
  const lost = facts?.lost === undefined ? null : `its source does not show '${facts.lost}'`;
  return {
    function: name,
    source,
    called: facts !== undefined,
    unknown: failed ?? lost,
    steps: sites.map((site, i) => {
      const step = stepCoverage(site, facts?.places.get(i));
      const never = step.reached ? undefined : whyNever(protocol, name, step.label);
      return { ...step, never: never ?? null };
    }),
    returns: outcomes(returns, [...(facts?.returned ?? [])]),
  };
}

function stepCoverage(site: Found, facts: PlaceFacts | undefined): Omit<StepCoverage, 'never'> {
  const saw = [...(facts?.saw ?? [])];
  const isTest = site.kind === 'test';
  return {
    kind: site.kind as StepCoverage['kind'],
    label: labelText(partsOf(site.label)),
    source: `${site.file}:${site.line}`,
    reached: facts?.taken ?? false,
    blocked: facts !== undefined && !facts.taken,
    outcomes: isTest
      ? outcomes(['true', 'false'], saw.map(String))
      : outcomes(site.options.map(optionName), [...(facts?.chose ?? [])].map(optionName)),
    observed: isTest ? [] : saw.map(Number).toSorted((a, b) => a - b),
    waited: facts?.waited ?? null,
  };
}

const optionName = (name: string): string => name || 'default';

/** What there could be, and whatever there was besides. */
function outcomes(possible: readonly string[], seen: readonly string[]): Outcome[] {
  const names = [...new Set([...possible, ...seen])].filter(Boolean);
  return names.map((name) => ({ name, seen: seen.includes(name) }));
}
