import { replayLines, runText } from '../../report/verdicts.js';
import { wrap } from '../../report/wrap.js';
import type { Answer, Decided, Outcome } from './decide.js';
import { conditionOf } from './json.js';
import { scopeOf } from './scope.js';

const INDENT = '  ';
const COLUMN = 11;

/** A claim for people; every line fits a mail. */
export function claimLines(decided: Decided): string[] {
  const { claim, verdict, answers, isOnRecord, footing } = decided;
  const lines = [`${claim.id}  ${verdict}`, ...wrap(claim.statement, INDENT)];
  const say = (word: string, text: string): void =>
    void lines.push(...wrap(text, INDENT + word.padEnd(COLUMN), INDENT + ' '.repeat(COLUMN)));
  if (!isOnRecord && verdict !== 'undecided') say('CHANGED', `on record is: ${recordOf(decided)}`);
  say('source', claim.source);
  if (verdict === 'conditional') say('provided', `${conditionOf(decided)!}`);
  if (claim.kind === 'question') for (const { text } of claim.answer) say('answer', text);
  if (claim.note !== undefined) say('note', claim.note);
  say('scope', `${scopeOf(decided)}; ${footing ?? 'a bound was hit'}`);
  for (const outcome of decided.outcomes) say('', outcomeText(outcome));
  const others = answers.filter((a) => !claim.of.includes(a.protocol));
  const same = others.filter((a) => a.verdict === verdict);
  if (same.length > 0) say('same in', same.map((a) => a.protocol).join(', '));
  for (const each of others) if (each.verdict !== verdict) say('differs', answerText(each));
  return lines;
}

/** The command that shows the run that a verdict rests on. */
export function runLines({ run, verdict }: Decided): string[] {
  if (!run) return [];
  const what = verdict === 'confirmed' || verdict === 'answered' ? 'run' : 'counterexample';
  const text = `shortest ${what}: ${run.test} under ${run.protocol}, ${runOf(run)}`;
  return ['', ...wrap(text, INDENT), ...replayLines(run.token!).slice(1)];
}

const runOf = (run: NonNullable<Decided['run']>): string => runText(run.steps!, run.preemptions!);

function outcomeText({ result, came }: Outcome): string {
  const { test, protocol, verdict, property, steps } = result;
  const broken = property === null ? '' : ` ${property} in ${steps} steps`;
  const odd = came === 'as foretold' ? '' : ' (against it)';
  return `${test}, ${protocol}: ${verdict}${broken}${came === 'undecided' ? ' (open)' : odd}`;
}

function answerText({ protocol, verdict, run }: Answer): string {
  const seen = run ? ` (${run.test}: ${run.property ?? 'a witness'} in ${run.steps} steps)` : '';
  return `${protocol}: ${verdict}${verdict === 'confirmed' ? '' : seen}`;
}

function recordOf({ claim }: Decided): string {
  return claim.kind === 'claim' ? claim.onRecord : 'answered';
}
