import { InputError } from '../../src/core/index.js';
import { ALL } from '../../src/explore/reductions/options.js';
import { searchAll, searchReduced, type Reached, type Searched } from '../exhaustive.js';
import { storedWithEach } from '../reductions.js';
import { subjectOf, type SpinCase } from './cases.js';
import type { SpinRun, Verifier } from './spin.js';

/** Both verifiers of a case. */
export interface Verifiers {
  readonly unreduced: Verifier | undefined;
  readonly reduced: Verifier;
}

/** What both checkers made of a case. Spin's parts are missing where it is not installed. */
export interface Compared {
  readonly subject: SpinCase;
  /** Ids of the invariants that ours decides in every state. */
  readonly properties: readonly string[];
  readonly ours: {
    /** Missing where there are too many states. */
    readonly unreduced: Searched | undefined;
    /** Repetitions, all reductions on. */
    readonly reduced: readonly Reached[];
    /** States with each reduction alone; empty where that takes too long. */
    readonly storedWithEach: readonly number[];
  };
  readonly spin: SpinSide | undefined;
  /** Why Spin's part is missing although it is installed. */
  readonly failure?: string;
}

export interface SpinSide {
  readonly unreduced: SpinRun | undefined;
  readonly reduced: readonly SpinRun[];
  /** Processor time that the reduced verifier took to make; in no other time. */
  readonly makingSeconds: number;
}

/** What is being done, for who waits. */
export type Doing = (what: string) => void;

const MAX_REPETITIONS = 5;
/** No further repetition is begun once both sides have taken so many seconds. */
const PATIENCE = 5;
/** Each reduction alone is tried where there are so many states at most. */
const FEW = 1_000_000;

/** A case on both sides; where Spin's fails, ours alone. */
export async function compare(
  subject: SpinCase,
  verifiers: Verifiers | undefined,
  doing: Doing,
): Promise<Compared> {
  try {
    return await inTurn(subject, verifiers, doing);
  } catch (error) {
    if (!verifiers || !(error instanceof InputError)) throw error;
    return { ...(await inTurn(subject, undefined, doing)), failure: error.message };
  }
}

/** Unreduced once, for the counts; then reduced, both sides in turn. */
async function inTurn(
  subject: SpinCase,
  verifiers: Verifiers | undefined,
  doing: Doing,
): Promise<Compared> {
  const our = subjectOf(subject);
  const isCounted = subject.states !== undefined;
  doing('every state, ours');
  const unreduced = isCounted ? await searchAll(our) : undefined;
  doing('every state, Spin');
  const spinUnreduced = await verifiers?.unreduced?.run();
  const spinReduced: SpinRun[] = [];
  const reduced: Reached[] = [];
  let spent = 0;
  while (reduced.length < MAX_REPETITIONS && (reduced.length === 0 || spent < PATIENCE)) {
    doing(`reduced, repetition ${reduced.length + 1}`);
    if (verifiers) spinReduced.push(await verifiers.reduced.run());
    reduced.push(await searchReduced(our, ALL));
    spent += (spinReduced.at(-1)?.seconds ?? 0) + reduced.at(-1)!.seconds;
  }
  const isFew = subject.states !== undefined && subject.states <= FEW;
  if (isFew) doing('each reduction alone');
  return {
    subject,
    properties: our.build().properties.map((p) => p.id),
    ours: { unreduced, reduced, storedWithEach: isFew ? await storedWithEach(our) : [] },
    spin: verifiers && {
      unreduced: spinUnreduced,
      reduced: spinReduced,
      makingSeconds: verifiers.reduced.makingSeconds,
    },
  };
}

/** Do both sides say the same? `counts` are those of the unreduced searches. */
export interface Agreement {
  /** undefined: there are none to compare. */
  readonly counts: boolean | undefined;
  readonly verdicts: boolean | undefined;
}

/** The condition for a ratio: same verdict, same states, same transitions, and as recorded. */
export function agreement({ subject, ours, spin }: Compared): Agreement {
  const found = ours.unreduced;
  const recorded = found && isSame(found, subject);
  if (!spin) return { counts: recorded, verdicts: undefined };
  const every = [...spin.reduced, ...(spin.unreduced ? [spin.unreduced] : [])];
  const verdicts =
    every.every((run) => run.errors === 0) &&
    [...ours.reduced, ...(found ? [found] : [])].every((run) => run.verdict === 'holds');
  const counts = found && spin.unreduced && recorded && isSame(found, spin.unreduced);
  return { counts: counts && spin.unreduced!.complete, verdicts };
}

interface Counts {
  readonly states: number | undefined;
  readonly transitions: number | undefined;
}

const isSame = (a: Counts, b: Counts): boolean =>
  a.states === b.states && a.transitions === b.transitions;
