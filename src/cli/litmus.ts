import { protocols } from '../../models/protocols/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import { refuseIdle } from '../check/effect.js';
import { protocolsOf } from '../check/expectation.js';
import { refuseMisspelled } from '../check/misspelled.js';
import type { Named } from '../check/named.js';
import { findProtocol } from '../check/protocols.js';
import { surveyTest, type Surveyed, type SurveyOptions } from '../check/surveyed.js';
import { committedTest, findTests } from '../check/tests.js';
import { fitting } from '../check/unfit.js';
import { defaultMemory } from '../check/limits.js';
import { InputError } from '../core/errors.js';
import type { SurveyResult } from '../report/survey-result.js';
import { surveyLines, tableLines } from '../report/surveyed.js';
import { replayLines } from '../report/verdicts.js';
import { protocolsFor } from './check.js';
import { quoted } from './going-on.js';
import { OK, UNDECIDED, UNEXPECTED, type Out } from './options.js';

export interface LitmusArguments {
  /** An id, a file, or all. */
  readonly protocol?: string;
  readonly maxStates: number;
  readonly maxTime?: number;
  readonly json?: boolean;
  /** Without the run. */
  readonly brief?: boolean;
  readonly flat?: boolean;
  /** Say how long it took: the one thing that is not the same every time. */
  readonly time?: boolean;
}

/** `gmemcheck litmus FILE...`. @returns the exit status. @throws InputError */
export async function runLitmus(
  names: readonly string[],
  args: LitmusArguments,
  out: Out,
): Promise<number> {
  const bounds = { ...args, maxMemory: defaultMemory() };
  const results: SurveyResult[] = [];
  const own =
    args.protocol && args.protocol !== 'all' ? await findProtocol(args.protocol) : undefined;
  const tests = findTests(names, own?.protocol.own);
  for (const test of tests) refuseMisspelled(test, own && [own.protocol.id]);
  if (own) refuseIdle(own, tests);
  for (const test of tests) {
    const found = args.protocol === 'all' ? tableOf(test, bounds, args, out) : undefined;
    for (const result of found ?? (await each(test, bounds, args, out))) results.push(result);
  }
  if (args.json) out(`${JSON.stringify(results, null, 2)}\n`);
  return statusOf(results);
}

async function each(
  test: LitmusTest,
  bounds: SurveyOptions,
  args: LitmusArguments,
  out: Out,
): Promise<SurveyResult[]> {
  const results: SurveyResult[] = [];
  const isByDefault = args.protocol === undefined && protocolsOf(test).length === 0;
  const asked = isByDefault ? 'upstream' : args.protocol;
  for (const named of await protocolsFor(test, asked)) {
    const begin = performance.now();
    const surveyed = fitting(test, () => surveyTest(test, named, bounds));
    const seconds = (performance.now() - begin) / 1000;
    const { result } = surveyed;
    results.push(args.time ? { ...result, time: seconds } : result);
    if (args.json) continue;
    const lines = surveyLines(result, { time: args.time ? seconds : undefined, isByDefault });
    out(`${[...lines, ...runLines(surveyed, args)].join('\n')}\n\n`);
  }
  return results;
}

/** The run that shows it, and the command to go on with. */
function runLines({ result, test, diagram }: Surveyed, { brief, flat }: LitmusArguments): string[] {
  const run = result.token && !brief ? ['', diagram(flat).trimEnd()] : [];
  if (result.token) return [...run, ...replayLines(result.token)];
  const name = quoted(nameOf(test));
  if (result.flags.length > 0)
    return ['', `To see it: npx gmemcheck check ${name} --protocol ${quoted(result.protocol)}`];
  return ['', `Under other protocols: npx gmemcheck litmus ${name} --protocol all`];
}

/** What a command takes: a committed test has a name. */
const nameOf = ({ name, file }: LitmusTest): string =>
  committedTest(name)?.file === file ? name : file;

/** A line for each protocol; those that cannot run the test say why. */
function tableOf(
  test: LitmusTest,
  bounds: SurveyOptions,
  args: LitmusArguments,
  out: Out,
): SurveyResult[] {
  const rows = protocols.map((protocol) => ({
    protocol: protocol.id,
    result: tried(test, { protocol, reference: protocol.id }, bounds),
  }));
  const results = rows.flatMap(({ result }) => (result instanceof InputError ? [] : [result]));
  const [first] = rows;
  if (results.length === 0 && first?.result instanceof InputError) throw first.result;
  const said = rows.map(({ protocol, result }) => ({
    protocol,
    result: result instanceof InputError ? withoutPlace(result.message) : result,
  }));
  if (!args.json) out(`${tableLines(test.name, said).join('\n')}\n\n`);
  return results;
}

function tried(test: LitmusTest, named: Named, bounds: SurveyOptions): SurveyResult | InputError {
  try {
    return surveyTest(test, named, bounds).result;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** What the file expects counts; where it says nothing, what was asked for. */
function statusOf(results: readonly SurveyResult[]): number {
  const fits = results.map(({ expectation, ok, flags }) => {
    if (expectation) return expectation.met;
    return ok === null ? null : ok && flags.length === 0;
  });
  if (fits.includes(false)) return UNEXPECTED;
  return fits.includes(null) ? UNDECIDED : OK;
}

/** The same for every protocol that cannot. */
const withoutPlace = (message: string): string => message.replace(/^\S+:\d+:\d+: /, '');
