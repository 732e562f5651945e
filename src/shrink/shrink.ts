import type { LitmusTest } from '../../models/language/index.js';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld } from '../../models/scenario.js';
import { InputError } from '../core/errors.js';
import { Machine } from '../core/machine.js';
import type { Schedule } from '../core/schedule.js';
import { traceOf } from '../core/trace.js';
import { counted } from '../explore/counted.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { LeastRun } from '../explore/least-run.js';
import { reach } from '../explore/reach.js';
import { CONDITION } from '../explore/verdict.js';
import { breaks, checkLine, ready, type Asked, type Ready } from './asked.js';
import { cutsOf } from './cuts.js';
import { checksOf, draftOf, plain, testOf, textOf, tried, type Draft } from './draft.js';

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
  /** Steps of the shortest run, which may have more preemptions. */
  readonly shortest: number;
  /** What was taken away, in this order. */
  readonly removed: readonly string[];
  /** What cannot be taken away: without it nothing breaks. */
  readonly needed: readonly string[];
  /** What nobody knows about, as its search hit the bound. */
  readonly open: readonly string[];
  /** Scenarios that were searched. */
  readonly scenarios: number;
}

/**
 * The smallest scenario in which a property still breaks: whatever is not
 * needed goes, one thing at a time, until nothing more can. Whether it still
 * breaks is asked of all runs, so that it does not matter which run was first.
 * @throws InputError where the property does not break in this test
 * @throws Undecided where that is not known
 */
export function shrink(test: LitmusTest, asked: Asked, name = leastName(test)): Shrunk {
  const { own } = asked.named.protocol;
  const whole = draftOf(test, name, own, asked.property);
  const first = breaks(whole, asked);
  if (first === 'bound hit') throw new Undecided(`${test.name}: ${bound(asked)}`);
  if (first !== 'yes') {
    const { id } = asked.named.protocol;
    throw new InputError(`${test.name}: ${id} does not break ${asked.property}: nothing to shrink`);
  }
  const checked = checksLess(whole, test, asked);
  const pruned = { draft: checked, removed: [], scenarios: 2 };
  let found = fixedPoint(pruned, asked);
  const only = { ...found.draft, checks: `check only ${asked.property}` };
  const isCertain = asked.property === CONDITION || isFirst(found.draft, asked);
  if (!isCertain && tried(only, own) && breaks(only, asked) === 'yes')
    found = fixedPoint({ ...found, draft: only }, asked);
  return shown(found, asked);
}

/** What is least already keeps its name. */
const leastName = ({ name }: LitmusTest): string =>
  name.endsWith('-least') ? name : `${name}-least`;

const bound = ({ maxStates }: Asked): string => `bound hit: --max-states ${maxStates}`;

/** Invariants that are checked besides are not needed to break this one. */
function checksLess(whole: Draft, test: LitmusTest, asked: Asked): Draft {
  const fewer = { ...whole, checks: checkLine(asked.property) };
  const isFewer = fewer.checks !== checksOf(test) && breaks(fewer, asked) === 'yes';
  return isFewer ? fewer : whole;
}

/** Is it what `check` finds first, with whatever else is checked? */
function isFirst(draft: Draft, { named, property, maxStates }: Asked): boolean {
  const test = testOf(draft, named.protocol.own);
  const { world } = buildWorld(test.scenario, named.protocol, invariants, test.condition);
  return new ExhaustiveSearch(new Machine(world), { maxStates }).run().property === property;
}

interface Progress {
  readonly draft: Draft;
  readonly removed: readonly string[];
  readonly scenarios: number;
}
type Done = Progress & Pick<Shrunk, 'needed' | 'open'>;

/** Takes away what comes first in the order of cuts, as long as anything can go. */
function fixedPoint(from: Progress, asked: Asked): Done {
  const { own } = asked.named.protocol;
  const draft = plain(from.draft, own);
  const needed: string[] = [];
  const open: string[] = [];
  let { scenarios } = from;
  for (const cut of cutsOf(draft, testOf(draft, own).scenario)) {
    const answer = breaks(cut.draft, asked);
    if (answer !== 'impossible') scenarios++;
    if (answer === 'yes')
      return fixedPoint(
        { draft: cut.draft, removed: [...from.removed, cut.what], scenarios },
        asked,
      );
    if (answer === 'no') needed.push(cut.what);
    if (answer === 'bound hit') open.push(cut.what);
  }
  return { ...from, draft, needed, open, scenarios };
}

function shown(done: Done, asked: Asked): Shrunk {
  const { draft } = done;
  const { own } = asked.named.protocol;
  const least = ready(testOf(draft, own), asked);
  const shortest = reach(least.machine, least.goal, asked.maxStates).schedule!.length;
  const schedule = new LeastRun(least.machine, least.goal, asked.maxStates * 4).find();
  if (!schedule || schedule === 'bound hit')
    throw new Undecided(`${draft.name}: ${bound(asked)}, in search of its least run`);
  const { preemptions } = traceOf(least.machine, schedule);
  const found = { ...done, asked, least, schedule, preemptions, shortest };
  return { ...found, text: textOf(draft, expectationIn(found)) };
}

/** What the litmus file expects: a shortest run's steps, and the fewest preemptions. */
export function expectationIn(found: Omit<Shrunk, 'text'>): string {
  const { asked, least, shortest, preemptions } = found;
  const { id } = asked.named.protocol;
  if (least.built.world.condition?.quantifier === 'exists') return `expect ${id}: holds`;
  const run = `${counted(shortest, 'step')}, ${counted(preemptions, 'preemption')}`;
  return `expect ${id}: violated ${asked.property} in ${run}`;
}
