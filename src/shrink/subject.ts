import type { LitmusTest } from '../../models/language/index.js';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld } from '../../models/world.js';
import { readToken, traceOfToken } from '../check/subject.js';
import type { Named } from '../check/named.js';
import { findProtocol, versionNamed } from '../check/protocols.js';
import { findTests } from '../check/tests.js';
import { fitting } from '../check/unfit.js';
import { InputError } from '../core/errors.js';
import { Machine } from '../core/machine.js';
import type { Run } from '../core/run.js';
import type { Schedule } from '../core/schedule.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { goalOf } from '../explore/goal.js';
import { CONDITION, DEADLOCK } from '../explore/verdict.js';
import type { Asked } from './asked.js';
import { isAt, told, type Told } from './blocks.js';
import { isOfProgress, findLasso } from './lasso.js';
import { Undecided } from './shrink.js';

/** What to shrink: a test, and what breaks in it. */
export interface Subject {
  readonly test: LitmusTest;
  readonly asked: Asked;
  /** A run that breaks it; none where it takes all runs to. */
  readonly found: Told | undefined;
}

/** A run that somebody has found is where shrinking begins. @throws InputError */
export async function subjectOf(
  what: string,
  protocol: string | undefined,
  maxStates: number,
): Promise<Subject> {
  if (/^gmc\d+-/.test(what)) return ofToken(what, protocol, maxStates);
  const own = protocol === undefined ? undefined : await findProtocol(protocol);
  const test = findTests([what], own?.protocol.own)[0]!;
  const named = own ?? versionNamed(protocolOf(test));
  const { property, schedule, machine } = brokenIn(test, named, maxStates);
  const found = schedule && told(machine, schedule);
  return { test, asked: { named, maxStates, property }, found };
}

/** The first protocol that the test says it is violated by. */
function protocolOf({ name, expectations }: LitmusTest): string {
  const violated = expectations.find((e) => e.verdict === 'violated') ?? expectations[0];
  if (!violated) throw new InputError(`${name}: it names no protocol; expected --protocol`);
  return violated.protocols[0]!.text;
}

async function ofToken(
  token: string,
  protocol: string | undefined,
  maxStates: number,
): Promise<Subject> {
  const { test, named, memory, schedule } = await readToken(token);
  const scenario = { ...test.scenario, memory };
  const moved = { ...test, scenario };
  const under = protocol === undefined ? named : await findProtocol(protocol);
  const { world } = buildWorld(scenario, named.protocol, invariants, test.condition);
  const machine = new Machine(world);
  const { run } = traceOfToken(machine, schedule);
  const property = run.broken ?? endOf(run) ?? lassoKind(machine, maxStates);
  if (property === undefined)
    throw new InputError('the run of this token breaks nothing: nothing to shrink');
  const found = isOfProgress(property) ? undefined : told(machine, schedule);
  return { test: moved, asked: { named: under, property, maxStates }, found };
}

/** What a run shows where it ends: that nobody can move, or the condition. */
function endOf(run: Run): string | undefined {
  const shows = (property: string): boolean => isAt(goalOf(run.machine, property), run);
  if (shows(DEADLOCK)) return DEADLOCK;
  return run.machine.world.condition && shows(CONDITION) ? CONDITION : undefined;
}

/** @throws Undecided where that is not known */
function lassoKind(machine: Machine, maxStates: number): string | undefined {
  const lasso = findLasso(machine, maxStates);
  if (lasso === 'bound hit') throw new Undecided(`bound hit: --max-states ${maxStates}`);
  return lasso?.kind;
}

interface Broken {
  readonly property: string;
  readonly schedule: Schedule | undefined;
  readonly machine: Machine;
}

/** What the shortest run breaks, or that there is a witness; what all runs do. @throws InputError */
function brokenIn(test: LitmusTest, named: Named, maxStates: number): Broken {
  const { world } = fitting(test, () =>
    buildWorld(test.scenario, named.protocol, invariants, test.condition),
  );
  const machine = new Machine(world);
  const found = new ExhaustiveSearch(machine, { maxStates }).run();
  if (found.schedule)
    return { property: found.property ?? CONDITION, schedule: found.schedule, machine };
  if (found.verdict === 'undecided') throw new Undecided(`${test.name}: ${found.note}`);
  const property = lassoKind(machine, maxStates);
  if (property) return { property, schedule: undefined, machine };
  const { id } = named.protocol;
  const none = world.condition?.quantifier === 'exists' ? 'is a witness, or ' : '';
  throw new InputError(`${test.name}: no run of ${id} ${none}breaks anything: nothing to shrink`);
}
