import type { LitmusTest } from '../../models/language/index.js';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld } from '../../models/scenario.js';
import { readToken, traceOfToken } from '../check/subject.js';
import { findProtocol, versionNamed, type Named } from '../check/protocols.js';
import { findTests } from '../check/tests.js';
import { InputError } from '../core/errors.js';
import { Machine } from '../core/machine.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { CONDITION, DEADLOCK } from '../explore/verdict.js';
import type { Asked } from './asked.js';
import { Undecided } from './shrink.js';

/** What to shrink: a test, and what breaks in it. */
export interface Subject {
  readonly test: LitmusTest;
  readonly asked: Asked;
}

/** Of a run that somebody has found only the property counts. @throws InputError */
export async function subjectOf(
  what: string,
  protocol: string | undefined,
  maxStates: number,
): Promise<Subject> {
  if (/^gmc\d+-/.test(what)) return ofToken(what, protocol, maxStates);
  const own = protocol === undefined ? undefined : await findProtocol(protocol);
  const test = findTests([what], own?.protocol.own)[0]!;
  const named = own ?? versionNamed(protocolOf(test));
  return { test, asked: { named, maxStates, property: brokenIn(test, named, maxStates) } };
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
  const { broken, run } = traceOfToken(machine, schedule);
  const isStuck = !run.isFinished && run.enabled().length === 0;
  const property = broken ?? (isStuck ? DEADLOCK : world.condition && CONDITION);
  if (property === undefined)
    throw new InputError('the run of this token breaks nothing: nothing to shrink');
  return { test: moved, asked: { named: under, property, maxStates } };
}

/** What the shortest run breaks, or that there is a witness. @throws InputError */
function brokenIn(test: LitmusTest, named: Named, maxStates: number): string {
  const { world } = buildWorld(test.scenario, named.protocol, invariants, test.condition);
  const found = new ExhaustiveSearch(new Machine(world), { maxStates }).run();
  if (found.property && found.schedule) return found.property;
  if (found.schedule) return CONDITION;
  if (found.verdict === 'undecided') throw new Undecided(`${test.name}: ${found.note}`);
  const isOfProgress = test.expectations.some((e) =>
    ['doomed', 'livelock'].includes(e.property?.text ?? ''),
  );
  const hint = isOfProgress ? ' (doomed and livelock are not shrunk)' : '';
  throw new InputError(
    `${test.name}: no run of ${named.protocol.id} breaks anything: nothing to shrink${hint}`,
  );
}
