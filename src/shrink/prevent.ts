import type { Change } from '../../models/changes.js';
import { invariants } from '../../models/invariants/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { protocols } from '../../models/protocols/index.js';
import { buildWorld } from '../../models/world.js';
import { EngineError, InputError } from '../core/errors.js';
import { Machine } from '../core/machine.js';
import { traceOf, type TraceStep } from '../core/trace.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { heldAcross, LOCKS, withFunction, type LockName } from './held-across.js';
import { ready } from './asked.js';
import { inTurn } from './in-turn.js';
import type { Shrunk } from './shrink.js';
import type { Needed, Why } from './why.js';

/** A single change with which everything holds, in this scenario. */
export interface Hint {
  readonly text: string;
  /** The function that is changed. */
  readonly fn: string;
}

export interface Prevention {
  readonly hints: readonly Hint[];
  /** Changes that were tried. */
  readonly tried: number;
}

/**
 * Tries single changes of the functions that the needed orders are about: a lock
 * held across one, two steps swapped; and of all functions of the run, each as
 * another version has it. What makes every invariant hold in this
 * scenario is a hint, and no more: the kernel has other scenarios.
 */
export function preventionOf({ least, schedule, asked }: Shrunk, { needed }: Why): Prevention {
  const { test, machine } = least;
  const { protocol } = asked.named;
  const { steps } = traceOf(machine, schedule);
  const before = inTurn(ready(test, asked).machine);
  const isMended = (change: Protocol, other: LitmusTest = test): boolean =>
    holds(other, change, before, asked.maxStates);
  const hints: Hint[] = [];
  const tried = { count: 0 };
  for (const name of Object.keys(LOCKS) as LockName[]) {
    const mended: string[] = [];
    for (const fn of functionsAround(steps, needed)) {
      // What calls a function that will do is more than it takes.
      if (mended.some((inner) => calls(steps, fn, inner))) continue;
      tried.count++;
      if (isMended(heldAcross(protocol, fn, name))) mended.push(fn);
    }
    for (const fn of mended) hints.push({ fn, text: `${LOCKS[name].text} held across ${fn}()` });
  }
  for (const change of swapsAround(steps, needed)) {
    tried.count++;
    const changed = { ...test, scenario: { ...test.scenario, changes: [change] } };
    if (isMended(protocol, changed)) hints.push({ fn: change.fn, text: change.text });
  }
  const versions = new Map<string, string[]>();
  for (const { fn, version, changed } of versionsOf(protocol, steps)) {
    tried.count++;
    if (isMended(changed)) versions.set(fn, [...(versions.get(fn) ?? []), version]);
  }
  for (const [fn, ids] of versions)
    hints.push({ fn, text: `${fn}() as in ${ids.join(', ').replace(/, (?=[^,]*$)/, ' or ')}` });
  return { hints, tried: tried.count };
}

/** Each function of the run as other versions have it: a check, a lock or a step more. */
function* versionsOf(base: Protocol, steps: readonly TraceStep[]) {
  const names = new Set(steps.flatMap(({ frames }) => frames.slice(1).map((f) => f.name)));
  for (const fn of [...names].toSorted()) {
    const seen = new Set<unknown>([base.functions[fn]]);
    for (const { id, functions } of protocols) {
      const other = functions[fn];
      if (!other || seen.has(other)) continue;
      seen.add(other);
      yield { fn, version: id, changed: withFunction(base, fn, other) };
    }
  }
}

/**
 * Does everything hold, in all runs, and do operations that nobody disturbs return
 * what they did? Not if the kernel cannot run like that.
 */
function holds(test: LitmusTest, protocol: Protocol, before: string, maxStates: number): boolean {
  try {
    const { world, edits } = buildWorld(test.scenario, protocol, invariants, test.condition);
    const machine = new Machine(world);
    if (inTurn(machine) !== before) return false;
    const { verdict } = new ExhaustiveSearch(machine, { maxStates }).run();
    const isNew = (test.scenario.changes ?? []).length === 0 || edits.every((e) => e.isReached);
    return verdict === 'holds' && isNew;
  } catch (error) {
    const cannotRun = [InputError, EngineError, TypeError, RangeError];
    if (cannotRun.some((kind) => error instanceof kind)) return false;
    throw error;
  }
}

const stepsOf = (steps: readonly TraceStep[], needed: readonly Needed[]): TraceStep[] =>
  needed.flatMap(({ pair }) => [steps[pair.before]!, steps[pair.after]!]);

/** Functions that the needed steps are in, the innermost first. */
function functionsAround(steps: readonly TraceStep[], needed: readonly Needed[]): string[] {
  const depths = new Map<string, number>();
  for (const { frames } of stepsOf(steps, needed))
    // The outermost frame is the operation itself.
    frames.forEach(({ name }, depth) => {
      if (depth > 0) depths.set(name, Math.max(depth, depths.get(name) ?? 0));
    });
  return [...depths].toSorted((a, b) => b[1] - a[1]).map(([name]) => name);
}

const calls = (steps: readonly TraceStep[], outer: string, inner: string): boolean =>
  steps.some(({ frames }) => {
    const names = frames.map((f) => f.name);
    return names.includes(inner) && names.slice(0, names.indexOf(inner)).includes(outer);
  });

/** Each step and the next one of the same function, where one of the two is needed. */
function swapsAround(steps: readonly TraceStep[], needed: readonly Needed[]): Change[] {
  const wanted = new Set(stepsOf(steps, needed));
  const swaps = new Map<string, Change>();
  steps.forEach((step, i) => {
    const next = steps.slice(i + 1).find((s) => s.actor === step.actor);
    const fn = step.frames.at(-1)?.name;
    if (!next || fn === undefined || next.frames.at(-1)?.name !== fn) return;
    if (!(wanted.has(step) || wanted.has(next)) || next.operation !== step.operation) return;
    const text = `in ${fn}(), '${next.label}' before '${step.label}'`;
    const labels = [step.label, next.label];
    swaps.set(text, { does: 'swap', fn, labels, gives: 0, text, where: 'hint' });
  });
  return [...swaps.values()];
}
