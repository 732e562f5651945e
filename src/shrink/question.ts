import { protocols } from '../../models/protocols/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import { EngineError, InputError } from '../core/errors.js';
import { LeastRun } from '../explore/least-run.js';
import { reach } from '../explore/reach.js';
import { CONDITION } from '../explore/verdict.js';
import { ready, type Asked } from './asked.js';

/**
 * What keeps a condition the question that it was. An invariant says what must not be
 * wherever it is asked; a condition is about its scenario, and without the hole that
 * it is about, `forall (~filemap[0])` is broken by whoever adds a page.
 */
export interface Question {
  /** The version that the test says is right, and that is. */
  readonly right: Asked | undefined;
  /** It takes a preemption to break it. */
  readonly isRace: boolean;
}

const ANY: Question = { right: undefined, isRace: false };

/** Of a test that breaks what is asked. */
export function questionOf(test: LitmusTest, asked: Asked): Question {
  if (asked.property !== CONDITION || test.litmus.condition?.quantifier === 'exists') return ANY;
  const right = rightOnes(test, asked).find((other) => breaksIn(test, other) === 'no');
  return { right, isRace: needsPreemption(test, asked) === 'yes' };
}

function rightOnes({ expectations }: LitmusTest, asked: Asked): Asked[] {
  return expectations
    .filter((e) => e.verdict === 'holds')
    .flatMap((e) => e.protocols.map(({ text }) => protocols.find((p) => p.id === text)))
    .flatMap((protocol) =>
      protocol ? [{ ...asked, named: { protocol, reference: protocol.id } }] : [],
    );
}

/** Is a smaller test that breaks it about the same? */
export function isSame(
  test: LitmusTest,
  asked: Asked,
  { right, isRace }: Question,
): 'yes' | 'no' | 'bound hit' {
  const answers = [
    isRace ? needsPreemption(test, asked) : 'yes',
    right ? opposite(breaksIn(test, right)) : 'yes',
  ];
  return answers.includes('no') ? 'no' : answers.includes('bound hit') ? 'bound hit' : 'yes';
}

const opposite = (answer: string): string =>
  answer === 'no' ? 'yes' : answer === 'bound hit' ? answer : 'no';

function breaksIn(test: LitmusTest, asked: Asked): string {
  try {
    const { machine, goal } = ready(test, asked);
    return reach(machine, goal, asked.maxStates).answer;
  } catch (error) {
    if (error instanceof InputError || error instanceof EngineError) return 'impossible';
    throw error;
  }
}

function needsPreemption(test: LitmusTest, asked: Asked): string {
  const { machine, goal } = ready(test, asked);
  const run = new LeastRun(machine, goal, asked.maxStates, 0).find();
  return run === 'bound hit' ? run : run ? 'no' : 'yes';
}
