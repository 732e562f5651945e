import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { invariants } from '../../models/invariants/index.js';
import { readTest, type LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { buildWorld } from '../../models/world.js';
import { runCampaign } from '../campaign/campaign.js';
import type { Answer, Job } from '../campaign/answer.js';
import type { CheckResult } from '../check/check.js';
import type { CheckOptions } from '../check/question.js';
import { defaultMemory } from '../check/limits.js';
import { CoverageSums } from '../check/coverage/summary.js';
import { protocolsOf } from '../check/expectation.js';
import { refuseIdle } from '../check/effect.js';
import { exportedTest } from '../check/exported.js';
import { fewestPreemptions } from '../check/fewest.js';
import { refuseMisspelled } from '../check/misspelled.js';
import type { Named } from '../check/named.js';
import { findProtocol, versionNamed } from '../check/protocols.js';
import { LockOrderSum } from '../check/lockorder.js';
import { findTests } from '../check/tests.js';
import { InputError } from '../core/errors.js';
import { at } from '../litmus/parse.js';
import { coverageLines, unreachedWarnings } from '../report/coverage.js';
import { counted } from '../explore/counted.js';
import { isReduced } from '../explore/reductions/options.js';
import { renderLockCycles } from '../report/lockorder.js';
import type { CheckArguments } from './check-arguments.js';
import type { Progress, Terminal } from './progress/progress.js';
import { say } from './say.js';
import { writeNew } from './write.js';
import { Session } from './session.js';
import { OK, UNDECIDED, UNEXPECTED, type Out } from './options.js';

/** `gmemcheck check`. @returns the exit status. @throws InputError */
export async function runCheck(
  names: readonly string[],
  args: CheckArguments,
  out: Out,
  err: Out,
  typed: readonly string[] = [],
  terminal?: Terminal,
): Promise<number> {
  const plan = await planned(names, args);
  const progress = await progressOn(terminal, plan, args);
  const [above, besides] = progress ? [progress.above(out), progress.above(err)] : [out, err];
  try {
    return await answerPlan(names, args, plan, typed, above, besides, progress);
  } finally {
    progress?.close();
  }
}

/** Loaded only where there is somebody to look at it. */
async function progressOn(
  terminal: Terminal | undefined,
  { labels }: Plan,
  args: CheckArguments,
): Promise<Progress | undefined> {
  if (!terminal || args.progress === false) return undefined;
  const { Progress } = await import('./progress/progress.js');
  return new Progress(terminal, labels, args);
}

async function answerPlan(
  names: readonly string[],
  args: CheckArguments,
  plan: Plan,
  typed: readonly string[],
  out: Out,
  err: Out,
  progress: Progress | undefined,
): Promise<number> {
  const session = new Session(plan.jobs, plan.protocols, args, typed, err);
  try {
    const status = await answerAll(names, args, plan, session, out, err, progress);
    return session.end() ?? status;
  } finally {
    session.close();
  }
}

async function answerAll(
  names: readonly string[],
  args: CheckArguments,
  { protocols }: Plan,
  session: Session,
  out: Out,
  err: Out,
  progress: Progress | undefined,
): Promise<number> {
  const results: CheckResult[] = [];
  const reached = new CoverageSums(protocols);
  const locks = new LockOrderSum();
  const onAnswer = (answer: Answer): void => {
    session.saw(answer);
    if (answer.result) {
      results.push(answer.result);
      locks.add(answer.result.protocol, answer.nestings);
    }
    if (answer.seen) reached.add(answer.seen.protocol, answer.seen.calls);
    if (!args.json) out(answer.text);
  };
  const onWarning = (text: string): void => say(err, `gmemcheck: ${text}`);
  await runCampaign(session.jobs, workersOf(args), { onAnswer, onWarning, progress });
  if (results.length === 0 && !session.isInterrupted)
    throw new InputError('nothing to check: no test fits');
  const { coverage } = reached;
  const withLocks = results.map((r) => ({
    ...r,
    lockOrder: locks.cyclesOf(r.protocol, r.test),
  }));
  if (args.export !== undefined && results[0])
    await exportTo(args.export, session.jobs[0]!, results[0]);
  const document = args.coverage ? { results: withLocks, coverage } : withLocks;
  if (!args.json)
    for (const order of locks.all())
      if (order.cycles.length > 0) out(`${renderLockCycles(order).join('\n')}\n\n`);
  if (args.json || results.length > 0)
    out(args.json ? `${JSON.stringify(document, null, 2)}\n` : summary(results));
  if (args.coverage && !args.json)
    for (const each of coverage) out(`\n${coverageLines(each).join('\n')}\n`);
  const isDecided = results.every((r) => r.verdict !== 'undecided');
  if (isBattery(names, args) && isDecided)
    for (const line of unreachedWarnings(coverage)) say(err, line);
  return statusOf(results);
}

/** @throws InputError where it is undecided, or the file cannot be written */
async function exportTo(file: string, job: Job, result: CheckResult): Promise<void> {
  const isShortest = result.footing === 'exhaustive';
  const named = await findProtocol(job.protocol);
  const test = readTest(job.text, job.file, named.protocol.own);
  const fewest = isShortest ? fewestPreemptions(test, named, job.options, result) : undefined;
  writeNew(file, exportedTest(test, result, isShortest, fewest));
}

const workersOf = ({ workers }: CheckArguments): number => workers ?? availableParallelism();

/** Every test, each as it is meant to be run: then each step should be reached by one. */
function isBattery(names: readonly string[], args: CheckArguments): boolean {
  const asIs = args.protocol === undefined && args.memory === undefined;
  const isWhole = args.strategy === 'exhaustive' && !(args.reduce && isReduced(args.reduce));
  return names.length === 0 && asIs && isWhole;
}

interface Plan {
  readonly jobs: readonly Job[];
  /** What each job is about, for people. */
  readonly labels: readonly string[];
  /** The protocols by the names that the jobs have for them. */
  readonly protocols: ReadonlyMap<string, Named>;
}

/** Each test under each protocol; what is wrong with a name is found before anything runs. */
async function planned(names: readonly string[], args: CheckArguments): Promise<Plan> {
  const maxMemory = args.maxMemory ?? defaultMemory();
  const options: CheckOptions = { ...args, memory: args.memory, maxMemory };
  const form = { brief: args.brief ?? false, flat: args.flat ?? false };
  const maySkip = args.protocol !== undefined && names.length === 0;
  const coverage = args.coverage ? 'all' : isBattery(names, args) ? 'steps' : 'none';
  const jobs: Job[] = [];
  const labels: string[] = [];
  const protocols = new Map<string, Named>();
  const asked = args.protocol === undefined ? undefined : await findProtocol(args.protocol);
  const tests = findTests(names, asked?.protocol.own);
  for (const test of tests) refuseMisspelled(test, asked && [asked.protocol.id]);
  if (asked) refuseIdle(asked, tests);
  for (const test of tests)
    for (const named of await protocolsFor(test, args.protocol)) {
      if (!maySkip) refuseUnfit(test, named.protocol, options);
      const name = args.protocol ?? named.reference;
      protocols.set(name, named);
      labels.push(`${test.name}  ${named.protocol.id}`);
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
  if (args.export !== undefined && existsSync(args.export))
    throw new InputError(`cannot write ${args.export}: there is one already`);
  if (args.export !== undefined && jobs.length !== 1)
    throw new InputError(
      `--export is for one test under one protocol, got ${jobs.length}: name them, --protocol too`,
    );
  const sharers = Math.min(workersOf(args), jobs.length);
  return { jobs: jobs.map((j) => ({ ...j, options: { ...options, sharers } })), protocols, labels };
}

/** @throws InputError where the protocol has not got what the test needs. */
function refuseUnfit(test: LitmusTest, protocol: Protocol, options: CheckOptions): void {
  const memory = options.memory ?? test.scenario.memory;
  buildWorld({ ...test.scenario, memory }, protocol, invariants, test.condition);
}

/** The protocol that was asked for, or those that the test names. @throws InputError */
export async function protocolsFor(test: LitmusTest, asked: string | undefined): Promise<Named[]> {
  if (asked !== undefined) return [await findProtocol(asked)];
  const ids = protocolsOf(test);
  if (ids.length === 0)
    throw new InputError(
      `${test.name} names no protocol: add a line such as 'expect 6.12: holds', or give --protocol`,
    );
  return ids.map((id) => protocolNamedBy(test, id));
}

/** The protocol that an `expect` line names. */
function protocolNamedBy(test: LitmusTest, id: string): Named {
  try {
    return versionNamed(id);
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
    `${counted(results.length, 'verdict')}: ${count('violated')} violated, ` +
    `${counted(count('holds'), 'holds', 'hold')}, ` +
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
