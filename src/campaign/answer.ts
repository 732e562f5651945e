import { readTest } from '../../models/language/index.js';
import { savedAnswer, saveAnswer } from '../checkpoint/answer.js';
import type { Place } from '../checkpoint/place.js';
import {
  checkTest,
  type Checked,
  type CheckOptions,
  type CheckResult,
  type Outside,
} from '../check/check.js';
import { seenCalls } from '../check/coverage/seen.js';
import { diagramOf } from '../check/diagram.js';
import { expectationOf, expectationText } from '../check/expectation.js';
import { seenNestings } from '../check/lockorder.js';
import { findProtocol } from '../check/protocols.js';
import { InputError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import { isStopped } from '../explore/bounds.js';
import type { SeenNesting } from '../report/lockorder.js';
import { questionLines } from '../report/question.js';
import { replayLines, resultLines } from '../report/verdicts.js';

/** How a text answer is to look. */
export interface Form {
  /** Verdict only, without the diagram. */
  readonly brief: boolean;
  /** Diagram without call nesting. */
  readonly flat: boolean;
}

/** One test under one protocol: plain data, so that any thread can answer it. */
export interface Job {
  readonly text: string;
  readonly file: string;
  readonly protocol: string;
  readonly options: CheckOptions;
  readonly form: Form;
  /** A protocol that cannot run the test skips it, instead of refusing. */
  readonly maySkip: boolean;
  /** Say how functions ran, too: enough to know the steps reached, or all. */
  readonly coverage: 'none' | 'steps' | 'all';
  /** Shared by all threads: not 0 when the user has had enough of it. */
  readonly interrupt?: Int32Array;
  /** Where what is found is kept, and an interrupted search. */
  readonly checkpoint?: Place;
}

/** The answer as data and as text; no result where the test was skipped. */
export interface Answer {
  readonly result: CheckResult | undefined;
  readonly text: string;
  /** How functions of the job's protocol ran, where that was asked for. */
  readonly seen?: { readonly protocol: string; readonly calls: readonly string[] };
  /** Locks that were asked for with others held. */
  readonly nestings: readonly SeenNesting[];
  /** Would the same search not find out more if it were let go on? */
  readonly isFinished: boolean;
}

/**
 * The answer that is kept already, or a new one, which is kept if it is finished.
 * @throws InputError if the protocol cannot run the test, or what is kept is damaged
 */
export async function answer(job: Job): Promise<Answer> {
  const { checkpoint } = job;
  const saved = checkpoint && savedAnswer(checkpoint);
  if (saved !== undefined) return saved as Answer;
  const isInterrupted = (): boolean => Atomics.load(job.interrupt!, 0) !== 0;
  const outside = { checkpoint, warn, ...(job.interrupt && { isInterrupted }) };
  if (outside.isInterrupted?.())
    return { result: undefined, text: '', nestings: [], isFinished: false };
  const found = await decide(job, outside);
  if (checkpoint && found.isFinished) saveAnswer(checkpoint, found);
  return found;
}

const warn = (message: string): void => void process.stderr.write(`gmemcheck: ${message}\n`);

async function decide(job: Job, outside: Outside): Promise<Answer> {
  const test = readTest(job.text, job.file);
  const named = await findProtocol(job.protocol);
  try {
    const { coverage, protocol } = job;
    let calls: readonly string[] = [];
    let nestings: readonly SeenNesting[] = [];
    const searched = (machine: Machine): void => {
      nestings = seenNestings(machine, test.name);
      if (coverage !== 'none') calls = seenCalls(machine, named.protocol.functions, coverage);
    };
    const checked = checkTest(test, named, job.options, { ...outside, searched });
    const seen = coverage === 'none' ? {} : { seen: { protocol, calls } };
    const { result } = checked;
    const isFinished = !isStopped(result.covered);
    return { result, text: textOf(checked, job.form), nestings, ...seen, isFinished };
  } catch (error) {
    if (!job.maySkip || !(error instanceof InputError)) throw error;
    const text = `${test.name}  ${named.protocol.id}  skipped: ${error.message}\n\n`;
    return { result: undefined, text, nestings: [], isFinished: true };
  }
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
