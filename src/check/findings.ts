import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../core/errors.js';
import { counted } from '../explore/counted.js';
import { questionLines } from '../report/question.js';
import { replayLines, runText } from '../report/verdicts.js';
import { wrap } from '../report/wrap.js';
import { packageRoot } from '../root.js';
import type { Checked } from './check.js';
import { diagramOf } from './diagram.js';
import { committedTests, readTextFile } from './tests.js';

/** A section of a file of docs/findings, and the committed tests that it names. */
export interface Finding {
  /** The file that it is in. */
  readonly file: string;
  readonly title: string;
  /** All of its text; among it what follows. */
  readonly paragraphs: readonly string[];
  readonly certain: string;
  /** What else it stands on: the assumptions of the model. */
  readonly rests: string;
  /** What would confirm it. */
  readonly confirm: string;
  readonly tests: readonly string[];
}

const FOLDER = 'docs/findings';

const LONGEST = 1024 * 1024;

export function findings(): readonly Finding[] {
  const files = readdirSync(join(packageRoot, FOLDER)).toSorted();
  return files.flatMap((name) => {
    const [, ...sections] = readTextFile(join(packageRoot, FOLDER, name), LONGEST).split(/^## /m);
    return sections.map((section) => findingOf(section, `${FOLDER}/${name}`));
  });
}

/** @throws EngineError unless it says what is certain, what it rests on, what would confirm it */
export function findingOf(section: string, file: string): Finding {
  const [title = '', ...lines] = section.split('\n');
  const body = lines.join('\n').trim();
  const all = body.split(/\n(?:\s*\n|(?=- ))/).map((p) => p.replace(/\s+/g, ' ').trim());
  const paragraphs = all.filter(Boolean);
  const part = (name: string): string => {
    const found = paragraphs.find((p) => p.startsWith(`- ${name}`) && p.includes(': '));
    if (!found) throw new EngineError(`${file}, '${title.trim()}': expected '- ${name}: '`);
    return found.slice(found.indexOf(': ') + 2);
  };
  return {
    file,
    title: title.trim(),
    paragraphs,
    certain: part('Certain'),
    rests: part('Rests on the model'),
    confirm: part('Would confirm it'),
    tests: namedIn(body),
  };
}

/** Names in backticks, alone or behind `gmemcheck check`. */
function namedIn(body: string): string[] {
  const words = [...body.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code!.split(/\s+/));
  const names = committedTests().map((t) => t.name);
  return [...new Set(words)].filter((word) => names.includes(word));
}

/** `populate-after-launch.txt`: a title as the name of a file. */
export const fileOf = ({ title }: Finding): string =>
  `${title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
    .replace(/-$/, '')}.txt`;

/** What is said of it, what its tests say by now, and the shortest run of each that shows it. */
export function findingLines(
  finding: Finding,
  checked: ReadonlyMap<string, readonly Checked[]>,
): string[] {
  const title = wrap(finding.title);
  const lines = [...title, '='.repeat(Math.max(...title.map((line) => line.length)))];
  for (const paragraph of finding.paragraphs)
    lines.push('', ...wrap(paragraph, '', paragraph.startsWith('- ') ? '  ' : ''));
  for (const name of finding.tests) lines.push(...testLines(name, checked.get(name) ?? []));
  return lines;
}

function testLines(name: string, all: readonly Checked[]): string[] {
  const lines = ['', '', name];
  for (const { result } of all) lines.push(...wrap(verdictOf(result), '  ', '    '));
  const shortest = all
    .filter((c) => c.result.verdict === 'violated' && c.trace)
    .toSorted((a, b) => a.result.steps! - b.result.steps!)
    .at(0);
  if (!shortest) return lines;
  const { result, test } = shortest;
  const head = `The shortest run, ${result.protocol}: ${runText(result.steps!, result.preemptions!)}`;
  return [
    ...lines,
    '',
    ...questionLines(test.litmus),
    '',
    ...wrap(head),
    '',
    diagramOf(shortest, true).trimEnd(),
    ...replayLines(result.token!),
  ];
}

const verdictOf = ({ protocol, verdict, property, steps, footing }: Checked['result']): string =>
  property === null
    ? `${protocol}: ${verdict}, ${footing}`
    : `${protocol}: ${verdict}, ${property} in ${counted(steps!, 'step')}`;
