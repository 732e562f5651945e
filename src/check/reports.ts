import { claims } from '../../models/claims/index.js';
import { mutations } from '../../models/mutations/index.js';
import { races } from '../../models/races/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import { replayLines, resultLines, verdictText } from '../report/verdicts.js';
import type { Folder } from '../report/files.js';
import { questionLines } from '../report/question.js';
import { wrap } from '../report/wrap.js';
import { packageVersion } from '../root.js';
import { checkTest, type Checked, type CheckResult } from './check.js';
import { distinctPairs, keyOf } from './claims/asked.js';
import { decide, type Results } from './claims/decide.js';
import { claimJson } from './claims/json.js';
import { claimLines, runLines } from './claims/text.js';
import type { CheckOptions } from './question.js';
import { diagramOf } from './diagram.js';
import { expectationOf, expectationText, protocolsOf } from './expectation.js';
import { fileOf, findingLines, findings } from './findings.js';
import { modelFingerprint } from './fingerprint.js';
import { findProtocol } from './protocols.js';
import { tableLines, tryMutant } from './mutations/table.js';
import { allMutants } from './mutations/tried.js';
import { seeRace } from './races/shown.js';
import { raceLines } from './races/text.js';
import { committedTests } from './tests.js';

const OPTIONS: CheckOptions = {
  strategy: 'exhaustive',
  maxStates: 20_000_000,
  runs: 0,
  seed: 0,
  memory: undefined,
};

/**
 * The report of every committed test: a text and a JSON file each, an index, and
 * what the tests say of the claims. They depend on the sources alone, so the same tree gives the same bytes.
 */
export async function allReports(): Promise<Folder> {
  const files = new Map<string, string>();
  const index: string[] = [];
  const results = new Map<string, CheckResult>();
  const told = findings();
  const shown = new Map<string, readonly Checked[]>();
  for (const test of committedTests()) {
    const all: Checked[] = [];
    for (const id of protocolsOf(test)) all.push(checkTest(test, await findProtocol(id), OPTIONS));
    if (told.some((f) => f.tests.includes(test.name))) shown.set(test.name, all);
    for (const { result } of all) results.set(keyOf(test.name, result.protocol), result);
    files.set(`${test.name}.txt`, textOf(test, all));
    files.set(`${test.name}.json`, jsonOf(all.map((c) => c.result)));
    index.push(...indexEntry(test, all));
  }
  for (const { test, protocol } of distinctPairs(claims)) {
    const key = keyOf(test.name, protocol);
    if (!results.has(key))
      results.set(key, checkTest(test, await findProtocol(protocol), OPTIONS).result);
  }
  for (const [name, text] of claimsBook(results)) files.set(name, text);
  for (const finding of told) {
    const lines = [...head(`A finding of ${finding.file}.`), '', ...findingLines(finding, shown)];
    files.set(`findings/${fileOf(finding)}`, `${lines.join('\n')}\n`);
  }
  files.set('races.txt', await corpus());
  files.set('mutations.txt', mutationsTable());
  files.set('index.txt', `${[...head(), '', ...index].join('\n')}\n`);
  return files;
}

const jsonOf = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

const head = (
  what = 'Every committed test under every protocol that it names. Sequential consistency; ' +
    'progress is checked where nothing is broken.',
): string[] => wrap(`gmemcheck ${packageVersion}, model ${modelFingerprint()}. ${what}`);

/** Every claim with its verdict. */
function claimsBook(results: Results): Map<string, string> {
  const decided = claims.map((claim) => decide(claim, results));
  const lines = decided.flatMap((each) => ['', ...claimLines(each), ...runLines(each)]);
  const what = 'What messages and threads claim, with what the committed tests say of it.';
  return new Map([
    ['claims.txt', `${[...head(what), ...lines].join('\n')}\n`],
    ['claims.json', jsonOf(decided.map(claimJson))],
  ]);
}

/** Every known race with the state of a patch in which it breaks, and the one that mends it. */
async function corpus(): Promise<string> {
  const seen = await Promise.all(races.map(seeRace));
  const what =
    'The known races: where each breaks, in how many steps at least and with how few preemptions ' +
    '(not always in the same run), and where it is mended.';
  return `${[...head(what), ...seen.flatMap((each) => ['', ...raceLines(each)])].join('\n')}\n`;
}

/** Every change of the model that is tried, and what notices it. */
function mutationsTable(): string {
  const what =
    'Changes of the model, one at a time: each on every version whose code it fits, with the ' +
    'property that notices it, the test and its scope.';
  const lines = tableLines(mutations, allMutants().map(tryMutant));
  return `${[...head(what), ...lines].join('\n')}\n`;
}

function indexEntry(test: LitmusTest, all: readonly Checked[]): string[] {
  const verdicts = all.map(({ result }) => `${result.protocol} ${verdictText(result)}`);
  return [
    test.name,
    ...wrap(test.title, '  ', '  '),
    ...verdicts.flatMap((v) => wrap(v, '    ', '      ')),
    '',
  ];
}

function textOf(test: LitmusTest, all: readonly Checked[]): string {
  const parts = [...head(), '', test.name, ...questionLines(test.litmus)];
  for (const checked of all) {
    const { result } = checked;
    parts.push('', ...resultLines(result, expectationText(expectationOf(test, result.protocol))));
    if (checked.trace) parts.push('', diagramOf(checked).trimEnd());
    if (result.token) parts.push(...replayLines(result.token));
  }
  return `${parts.join('\n')}\n`;
}
