import type { LitmusTest } from '../../models/language/index.js';
import { replayLines, resultLines, verdictText } from '../report/verdicts.js';
import type { Folder } from '../report/files.js';
import { questionLines } from '../report/question.js';
import { wrap } from '../report/wrap.js';
import { packageVersion } from '../root.js';
import { checkTest, type Checked } from './check.js';
import type { CheckOptions } from './question.js';
import { diagramOf } from './diagram.js';
import { expectationOf, expectationText, protocolsOf } from './expectation.js';
import { modelFingerprint } from './fingerprint.js';
import { findProtocol } from './protocols.js';
import { committedTests } from './tests.js';

const OPTIONS: CheckOptions = {
  strategy: 'exhaustive',
  maxStates: 20_000_000,
  runs: 0,
  seed: 0,
  memory: undefined,
};

/**
 * The report of every committed test: a text and a JSON file each, and an
 * index. They depend on the sources alone, so the same tree gives the same bytes.
 */
export async function allReports(): Promise<Folder> {
  const files = new Map<string, string>();
  const index: string[] = [];
  for (const test of committedTests()) {
    const all: Checked[] = [];
    for (const id of protocolsOf(test)) all.push(checkTest(test, await findProtocol(id), OPTIONS));
    files.set(`${test.name}.txt`, textOf(test, all));
    files.set(
      `${test.name}.json`,
      `${JSON.stringify(
        all.map((c) => c.result),
        null,
        2,
      )}\n`,
    );
    index.push(...indexEntry(test, all));
  }
  files.set('index.txt', `${[...head(), '', ...index].join('\n')}\n`);
  return files;
}

const head = (): string[] =>
  wrap(
    `gmemcheck ${packageVersion}, model ${modelFingerprint()}. Every committed test under every ` +
      'protocol that it names. Sequential consistency; progress is checked where nothing is broken.',
  );

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
