import type { LitmusTest } from '../../models/language/index.js';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld } from '../../models/world.js';
import { InputError } from '../core/errors.js';
import { Machine } from '../core/machine.js';
import type { Schedule } from '../core/schedule.js';
import { traceOf } from '../core/trace.js';
import { counted } from '../explore/counted.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { LeastRun } from '../explore/least-run.js';
import type { Lasso } from '../explore/progress/lasso.js';
import { reach } from '../explore/reach.js';
import { CONDITION } from '../explore/verdict.js';
import { checkLine, ready, type Asked, type Ready } from './asked.js';
import type { Told } from './blocks.js';
import { cutsOf } from './cuts.js';
import { checksOf, draftOf, plain, testOf, textOf, tried, type Draft } from './draft.js';
import { isOfProgress, findLasso } from './lasso.js';
import { questionOf } from './question.js';
import { Rehearsal } from './rehearsal.js';
import { Still } from './still.js';

/** Thrown where a bound keeps even the first answer from being known. */
export class Undecided extends Error {}

/** A scenario that cannot be made smaller, and the least run in it that breaks the property. */
export interface Shrunk {
  readonly asked: Asked;
  readonly draft: Draft;
  /** The litmus file, with what it expects. */
  readonly text: string;
  readonly least: Ready;
  readonly schedule: Schedule;
  readonly preemptions: number;
  /** Where progress is what fails: its loop. */
  readonly lasso: Lasso | undefined;
  /** Steps of the shortest run, which may have more preemptions; undefined = not known. */
  readonly shortest: number | undefined;
  /** No run has fewer preemptions, none of these fewer steps. */
  readonly isLeast: boolean;
  /** What was taken away, in this order. */
  readonly removed: readonly string[];
  /** What cannot be taken away: without it nothing breaks. */
  readonly needed: readonly string[];
  /** What is not taken away, as the condition would be another question without it. */
  readonly others: readonly string[];
  /** What nobody knows about, as its search hit the bound. */
  readonly open: readonly string[];
  /** Scenarios that were searched. */
  readonly scenarios: number;
  /** Times that the run that was found, or one made of it, was executed. */
  readonly executions: number;
}

export interface Shrinking {
  /** What the smaller test is called. */
  readonly name?: string;
  /** A run that breaks it, which then need not be searched for. */
  readonly found?: Told | undefined;
}

/**
 * The smallest scenario in which a property still breaks: whatever is not
 * needed goes, one thing at a time, until nothing more can. A run that was found
 * is executed first; where it does not break any more, all runs are asked, so that it
 * does not matter which run that was.
 * @throws InputError where the property does not break in this test
 * @throws Undecided where that is not known
 */
export function shrink(
  test: LitmusTest,
  asked: Asked,
  { name = leastName(test), found: run }: Shrinking = {},
): Shrunk {
  const { own } = asked.named.protocol;
  const whole = draftOf(test, name, own, asked.property);
  const still = new Still(asked, run && new Rehearsal(run), test);
  still.rehearsal?.smaller(ready(testOf(whole, own), asked));
  const first = still.breaks(whole);
  if (first === 'bound hit') throw new Undecided(`${test.name}: ${bound(asked)}`);
  if (first !== 'yes') {
    const { id } = asked.named.protocol;
    throw new InputError(`${test.name}: ${id} does not break ${asked.property}: nothing to shrink`);
  }
  still.question = questionOf(test, asked);
  let found = fixedPoint({ draft: checksLess(whole, test, still), removed: [] }, still);
  const only = { ...found.draft, checks: `check only ${asked.property}` };
  if (!isCertain(found.draft, asked) && tried(only, own) && still.breaks(only) === 'yes')
    found = fixedPoint({ ...found, draft: only }, still);
  return shown(found, still);
}

/** What is least already keeps its name. */
const leastName = ({ name }: LitmusTest): string =>
  name.endsWith('-least') ? name : `${name}-least`;

const bound = ({ maxStates }: Asked): string => `bound hit: --max-states ${maxStates}`;

/** Invariants that are checked besides are not needed to break this one. */
function checksLess(whole: Draft, test: LitmusTest, still: Still): Draft {
  const fewer = { ...whole, checks: checkLine(still.asked.property) };
  const isFewer = fewer.checks !== checksOf(test) && still.breaks(fewer) === 'yes';
  return isFewer ? fewer : whole;
}

/** Is it what `check` finds first, with whatever else is checked, as far as one can tell? */
function isCertain(draft: Draft, { named, property, maxStates }: Asked): boolean {
  if (property === CONDITION || isOfProgress(property)) return true;
  const test = testOf(draft, named.protocol.own);
  const { world } = buildWorld(test.scenario, named.protocol, invariants, test.condition);
  const first = new ExhaustiveSearch(new Machine(world), { maxStates }).run();
  return first.verdict === 'undecided' || first.property === property;
}

type Progress = Pick<Shrunk, 'draft' | 'removed'>;
type Done = Progress & Pick<Shrunk, 'needed' | 'others' | 'open'>;

/** Takes away what comes first in the order of cuts, as long as anything can go. */
function fixedPoint(from: Progress, still: Still): Done {
  const { own } = still.asked.named.protocol;
  const draft = plain(from.draft, own);
  const kept = { no: [], another: [], 'bound hit': [] } as Record<string, string[]>;
  for (const cut of cutsOf(draft, testOf(draft, own).scenario)) {
    const answer = still.breaks(cut.draft);
    if (answer === 'yes')
      return fixedPoint({ draft: cut.draft, removed: [...from.removed, cut.what] }, still);
    kept[answer]?.push(cut.what);
  }
  const { no, another, 'bound hit': open } = kept;
  return { ...from, draft, needed: no!, others: another!, open: open! };
}

function shown(done: Done, still: Still): Shrunk {
  const { draft } = done;
  const { asked, scenarios } = still;
  const least = ready(testOf(draft, asked.named.protocol.own), asked);
  const run = isOfProgress(asked.property) ? lassoRun(least, asked) : leastRun(least, still);
  if (!run) throw new Undecided(`${draft.name}: ${bound(asked)}, in search of its least run`);
  const { preemptions } = traceOf(least.machine, run.schedule);
  const executions = still.rehearsal?.count ?? 0;
  const found = { ...done, ...run, asked, least, preemptions, scenarios, executions };
  return { ...found, text: textOf(draft, expectationIn(found)) };
}

type LeastOf = Pick<Shrunk, 'schedule' | 'shortest' | 'lasso' | 'isLeast'>;

/** What is proven to be least; behind a bound, what executions have come to. */
function leastRun(least: Ready, { asked, rehearsal }: Still): LeastOf | undefined {
  const { machine, goal } = least;
  const shortest = reach(machine, goal, asked.maxStates).schedule?.length;
  const schedule = new LeastRun(machine, goal, asked.maxStates * 4).find();
  const lasso = undefined;
  if (schedule && schedule !== 'bound hit') return { schedule, shortest, lasso, isLeast: true };
  const smaller = rehearsal?.smaller(least);
  return smaller && { schedule: smaller, shortest, lasso, isLeast: false };
}

function lassoRun({ machine }: Ready, { maxStates }: Asked): LeastOf | undefined {
  const lasso = findLasso(machine, maxStates);
  if (!lasso || lasso === 'bound hit') return undefined;
  const schedule = [...lasso.stem, ...lasso.loop];
  return { schedule, shortest: schedule.length, lasso, isLeast: true };
}

/** What the litmus file expects: a shortest run's steps, and the fewest preemptions. */
export function expectationIn(found: Omit<Shrunk, 'text'>): string {
  const { asked, least, shortest, preemptions, lasso, isLeast } = found;
  const { id } = asked.named.protocol;
  if (least.built.world.condition?.quantifier === 'exists') return `expect ${id}: holds`;
  const violated = `expect ${id}: violated ${asked.property}`;
  if (shortest === undefined) return violated;
  const steps = `${violated} in ${counted(shortest, 'step')}`;
  return isLeast && !lasso ? `${steps}, ${counted(preemptions, 'preemption')}` : steps;
}
