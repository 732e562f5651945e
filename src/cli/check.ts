import { availableParallelism } from 'node:os';
import { invariants } from '../../models/invariants/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { buildWorld } from '../../models/scenario.js';
import type { MemoryKind } from '../../models/state/shape.js';
import { runCampaign } from '../campaign/campaign.js';
import type { Job } from '../campaign/answer.js';
import type { CheckOptions, CheckResult, Strategy } from '../check/check.js';
import { CoverageSums } from '../check/coverage/summary.js';
import { protocolsOf } from '../check/expectation.js';
import { findProtocol, type Named } from '../check/protocols.js';
import { LockOrderSum } from '../check/lockorder.js';
import { findTests } from '../check/tests.js';
import { InputError } from '../core/errors.js';
import { at } from '../litmus/parse.js';
import { coverageLines, unreachedWarnings } from '../report/coverage.js';
import { isReduced, type Reductions } from '../explore/reductions/options.js';
import { renderLockCycles } from '../report/lockorder.js';
import { OK, UNDECIDED, UNEXPECTED, type Out } from './options.js';

export interface CheckArguments {
  readonly protocol?: string;
  readonly memory?: MemoryKind;
  readonly strategy: Strategy;
  readonly maxStates: number;
  readonly runs: number;
  readonly seed: number;
  readonly depth: number;
  readonly reduce?: Reductions;
  readonly maxPreemptions?: number;
  readonly json?: boolean;
  /** Verdicts only, without the diagrams. */
  readonly brief?: boolean;
  /** Diagrams without call nesting. */
  readonly flat?: boolean;
  /** Report what was reached, and what never was. */
  readonly coverage?: boolean;
  /** Threads; default: as many as there are processors. */
  readonly workers?: number;
}

/** `gmemcheck check`. @returns the exit status. @throws InputError */
export async function runCheck(
  names: readonly string[],
  args: CheckArguments,
  out: Out,
  err: Out,
): Promise<number> {
  const results: CheckResult[] = [];
  const { jobs, protocols } = await planned(names, args);
  const reached = new CoverageSums(protocols);
  const locks = new LockOrderSum();
  await runCampaign(jobs, args.workers ?? availableParallelism(), (answer) => {
    if (answer.result) {
      results.push(answer.result);
      locks.add(answer.result.protocol, answer.nestings);
    }
    if (answer.seen) reached.add(answer.seen.protocol, answer.seen.calls);
    if (!args.json) out(answer.text);
  });
  if (results.length === 0) throw new InputError('nothing to check: no test fits');
  const { coverage } = reached;
  const withLocks = results.map((r) => ({
    ...r,
    lockOrder: locks.cyclesOf(r.protocol, r.test),
  }));
  const document = args.coverage ? { results: withLocks, coverage } : withLocks;
  if (!args.json)
    for (const order of locks.all())
      if (order.cycles.length > 0) out(`${renderLockCycles(order).join('\n')}\n\n`);
  out(args.json ? `${JSON.stringify(document, null, 2)}\n` : summary(results));
  if (args.coverage && !args.json)
    for (const each of coverage) out(`\n${coverageLines(each).join('\n')}\n`);
  const isDecided = results.every((r) => r.verdict !== 'undecided');
  if (isBattery(names, args) && isDecided)
    for (const line of unreachedWarnings(coverage)) err(`${line}\n`);
  return statusOf(results);
}

/** Every test, each as it is meant to be run: then each step should be reached by one. */
function isBattery(names: readonly string[], args: CheckArguments): boolean {
  const asIs = args.protocol === undefined && args.memory === undefined;
  const isWhole = args.strategy === 'exhaustive' && !(args.reduce && isReduced(args.reduce));
  return names.length === 0 && asIs && isWhole;
}

interface Plan {
  readonly jobs: readonly Job[];
  /** The protocols by the names that the jobs have for them. */
  readonly protocols: ReadonlyMap<string, Named>;
}

/** Each test under each protocol; what is wrong with a name is found before anything runs. */
async function planned(names: readonly string[], args: CheckArguments): Promise<Plan> {
  const options: CheckOptions = { ...args, memory: args.memory };
  const form = { brief: args.brief ?? false, flat: args.flat ?? false };
  const maySkip = args.protocol !== undefined && names.length === 0;
  const coverage = args.coverage ? 'all' : isBattery(names, args) ? 'steps' : 'none';
  const jobs: Job[] = [];
  const protocols = new Map<string, Named>();
  for (const test of findTests(names))
    for (const named of await protocolsFor(test, args.protocol)) {
      if (!maySkip) refuseUnfit(test, named.protocol, options);
      const name = args.protocol ?? named.reference;
      protocols.set(name, named);
      jobs.push({
        text: test.text,
        file: test.file,
        protocol: name,
        options,
        form,
        maySkip,
        coverage,
      });
    }
  return { jobs, protocols };
}

/** @throws InputError where the protocol has not got what the test needs. */
function refuseUnfit(test: LitmusTest, protocol: Protocol, options: CheckOptions): void {
  const memory = options.memory ?? test.scenario.memory;
  buildWorld({ ...test.scenario, memory }, protocol, invariants, test.condition);
}

async function protocolsFor(test: LitmusTest, asked: string | undefined): Promise<Named[]> {
  if (asked !== undefined) return [await findProtocol(asked)];
  const ids = protocolsOf(test);
  if (ids.length === 0)
    throw new InputError(
      `${test.name} names no protocol: add a line such as 'expect 6.12: holds', or give --protocol`,
    );
  return Promise.all(ids.map((id) => protocolNamedBy(test, id)));
}

/** The protocol that an `expect` line names. */
async function protocolNamedBy(test: LitmusTest, id: string): Promise<Named> {
  try {
    return await findProtocol(id);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const word = test.expectations.flatMap((e) => e.protocols).find((p) => p.text === id)!;
    throw new InputError(`${at(test.file, word.at)}: ${error.message}`);
  }
}

function summary(results: readonly CheckResult[]): string {
  const count = (verdict: string): number => results.filter((r) => r.verdict === verdict).length;
  const unexpected = results.filter((r) => !r.expected && r.verdict !== 'undecided').length;
  return (
    `${results.length} verdicts: ${count('violated')} violated, ${count('holds')} hold, ` +
    `${count('undecided')} undecided; ` +
    (unexpected > 0
      ? `${unexpected} NOT as expected\n`
      : `${count('undecided') > 0 ? 'the rest' : 'all'} as expected\n`)
  );
}

function statusOf(results: readonly CheckResult[]): number {
  if (results.some((r) => !r.expected && r.verdict !== 'undecided')) return UNEXPECTED;
  return results.some((r) => r.verdict === 'undecided') ? UNDECIDED : OK;
}
