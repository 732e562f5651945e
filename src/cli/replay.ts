import { existsSync } from 'node:fs';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld } from '../../models/world.js';
import type { Checked } from '../check/check.js';
import { exportedTest } from '../check/exported.js';
import { diagramOf } from '../check/diagram.js';
import { readToken, traceOfToken, type Replayable } from '../check/subject.js';
import { readTextFile } from '../check/tests.js';
import { InputError } from '../core/errors.js';
import { Machine } from '../core/machine.js';
import type { Trace } from '../core/trace.js';
import { lassoIn } from '../explore/progress/replayed.js';
import { CONDITION, DEADLOCK } from '../explore/verdict.js';
import { waitersOf } from '../report/holders.js';
import { runText } from '../report/verdicts.js';
import { OK, type Out } from './options.js';

/** `gmemcheck replay TOKEN|FILE`. @returns the exit status. @throws InputError */
export async function runReplay(
  what: string,
  args: { readonly json?: boolean; readonly flat?: boolean; readonly litmus?: boolean },
  out: Out,
): Promise<number> {
  const token = tokenIn(what);
  const replayable = await readToken(token);
  const checked = replay(replayable, token);
  if (args.litmus) {
    if (!checked.result.property && !isWitness(checked))
      throw new InputError('this run breaks nothing, and is no witness: nothing to export');
    out(exportedTest(checked.test, checked.result, false));
    return OK;
  }
  const { test, protocol, memory, property, steps, preemptions } = checked.result;
  if (args.json) {
    const deadlock = property === DEADLOCK && { deadlock: waitersOf(checked.trace!.run) };
    out(
      `${JSON.stringify({ test, protocol, memory, property, steps, preemptions, token, ...deadlock, run: runOf(checked.trace!) }, null, 2)}\n`,
    );
    return OK;
  }
  out(`${test}  ${protocol}  ${memory}  ${runText(steps!, preemptions!)}\n\n`);
  out(diagramOf(checked, args.flat));
  return OK;
}

/** A token on the command line, or the first one in a file. */
function tokenIn(what: string): string {
  if (what.startsWith('gmc')) return what.trim();
  if (!existsSync(what))
    throw new InputError(
      `cannot replay '${what.slice(0, 40)}': expected a token (gmc1-MODEL-...), or a file that has one in it`,
    );
  const found = /gmc\d+-[0-9a-f]{8}-[A-Za-z0-9_-]+/.exec(readTextFile(what, 16 * 1024 * 1024));
  if (!found) throw new InputError(`${what}: no token in it; expected gmc1-MODEL-...`);
  return found[0];
}

function replay(replayable: Replayable, token: string): Checked {
  const { test, named, memory, schedule } = replayable;
  const built = buildWorld(
    { ...test.scenario, memory },
    named.protocol,
    invariants,
    test.condition,
  );
  const machine = new Machine(built.world);
  const trace = traceOfToken(machine, schedule);
  const broken = brokenBy(machine, trace);
  const lasso = broken ? undefined : lassoIn(machine, schedule);
  const property = broken ?? lasso?.kind ?? null;
  const result: Checked['result'] = {
    test: test.name,
    title: test.title,
    protocol: named.protocol.id,
    memory,
    verdict: property ? 'violated' : 'holds',
    footing: null,
    property,
    states: 0,
    transitions: trace.steps.length,
    steps: trace.steps.length,
    preemptions: trace.preemptions,
    progress: 'not checked',
    token,
    expected: true,
    note: 'one run, replayed',
  };
  return { result, test, built, trace, lasso };
}

/** Is it what the test says that there is? */
function isWitness({ built, trace }: Checked): boolean {
  const { run } = trace!;
  const { condition } = built.world;
  if (condition?.quantifier !== 'exists' || !run.isFinished) return false;
  return run.machine.inspect(run.memory, condition.holds);
}

/** What the last state of a run breaks. */
function brokenBy(machine: Machine, trace: Trace): string | null {
  if (trace.broken) return trace.broken;
  const { run } = trace;
  if (!run.isFinished && run.enabled().length === 0) return DEADLOCK;
  const { condition } = machine.world;
  if (!condition) return null;
  const holds = machine.inspect(run.memory, condition.holds);
  const { quantifier } = condition;
  const broken =
    quantifier === 'always' || (quantifier === 'forall' && run.isFinished)
      ? !holds
      : (quantifier === 'never' || (quantifier === 'not exists' && run.isFinished)) && holds;
  return broken ? CONDITION : null;
}

function runOf(trace: Trace): object[] {
  return trace.steps.map((s) => ({
    step: s.index + 1,
    actor: s.actor,
    within: s.frames.map((f) => f.name),
    does: s.label,
    option: s.option || undefined,
    observed: s.observed,
    holds: s.held.map((r) => `${r.class} (${r.instance}, ${r.mode})`),
    changes: Object.fromEntries(s.changes.map((c) => [c.cell.name, [c.before, c.after]])),
  }));
}
