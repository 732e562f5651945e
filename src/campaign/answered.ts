import { readTest, type LitmusTest } from '../../models/language/index.js';
import { functionsChanged } from '../../models/located.js';
import { savedAnswer, saveAnswer } from '../checkpoint/answer.js';
import type { Checked } from '../check/check.js';
import { seenCalls } from '../check/coverage/seen.js';
import { diagramOf } from '../check/diagram.js';
import { expectationOf, expectationText } from '../check/expectation.js';
import type { Named } from '../check/named.js';
import { findProtocol } from '../check/protocols.js';
import { InputError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import { isStopped } from '../explore/bounds.js';
import type { SeenNesting } from '../report/lockorder.js';
import { questionLines } from '../report/question.js';
import { replayLines, resultLines } from '../report/verdicts.js';
import { isInterrupted, type Answer, type Form, type Job } from './job.js';

/** Is there nothing left to be done? */
export function earlyAnswer(job: Job): Answer | undefined {
  const { checkpoint } = job;
  const saved = checkpoint && savedAnswer(checkpoint);
  if (saved !== undefined) return saved as Answer;
  if (!isInterrupted(job)) return undefined;
  return { result: undefined, text: '', nestings: [], isFinished: false };
}

/** What a search found out about a test, in words, and kept if it is finished. */
export async function answered(job: Job, find: Find): Promise<Answer> {
  const named = await findProtocol(job.protocol);
  const test = testOf(job, named);
  const { checkpoint, protocol, form } = job;
  let found: Answer;
  try {
    const { checked, nestings, calls } = find(test, named);
    const { result } = checked;
    const seen = calls && { seen: { protocol, calls } };
    const isFinished = !isStopped(result.covered);
    found = { result, text: textOf(checked, form), nestings, ...seen, isFinished };
  } catch (error) {
    if (!job.maySkip || !(error instanceof InputError)) throw error;
    const text = `${test.name}  ${named.protocol.id}  skipped: ${error.message}\n\n`;
    found = { result: undefined, text, nestings: [], isFinished: true };
  }
  if (checkpoint && found.isFinished) saveAnswer(checkpoint, found);
  return found;
}

/** What was read last: a test comes under one protocol after another. */
let last: { readonly key: readonly unknown[]; readonly test: LitmusTest } | undefined;

function testOf({ text, file }: Job, { protocol: { own } }: Named): LitmusTest {
  const key = [text, file, own];
  if (!last?.key.every((part, i) => part === key[i]))
    last = { key, test: readTest(text, file, own) };
  return last.test;
}

/** @throws InputError if the protocol cannot run the test */
export type Find = (test: LitmusTest, named: Named) => FoundOut;

/** What there is to say of a search. */
export interface FoundOut {
  readonly checked: Checked;
  readonly nestings: readonly SeenNesting[];
  /** How functions ran, where that was asked for. */
  readonly calls: readonly string[] | undefined;
}

/** How functions ran in a search, where the job asks for it; not those that the test changes. */
export function callsIn(
  machine: Machine,
  { scenario }: LitmusTest,
  named: Named,
  { coverage }: Job,
): readonly string[] | undefined {
  if (coverage === 'none') return undefined;
  const changed = new Set(functionsChanged(scenario.changes ?? []));
  const functions = Object.entries(named.protocol.functions).filter(([fn]) => !changed.has(fn));
  return seenCalls(machine, Object.fromEntries(functions), coverage);
}

function textOf(checked: Checked, { brief, flat }: Form): string {
  const { result, test } = checked;
  const expectation = expectationText(expectationOf(test, result.protocol));
  const parts = [...resultLines(result, expectation)];
  if (!brief && result.verdict === 'violated')
    parts.push('', ...questionLines(test.litmus), '', diagramOf(checked, flat).trimEnd());
  if (!brief && result.token) parts.push(...replayLines(result.token));
  return `${parts.join('\n')}\n\n`;
}
