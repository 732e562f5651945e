import { invariants } from '../../models/invariants/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { protocols } from '../../models/protocols/index.js';
import type { Scenario } from '../../models/scenario.js';
import { MMU_LOCK } from '../../models/state/structs.js';
import { buildWorld } from '../../models/world.js';
import { EngineError, InputError } from '../core/errors.js';
import { Machine } from '../core/machine.js';
import { traceOf, type TraceStep } from '../core/trace.js';
import { ready } from './asked.js';
import { stepsOthersTouch } from './dependent.js';
import { heldAcross, LOCKS, withFunction, type LockName } from './held-across.js';
import { inTurn } from './in-turn.js';
import { isFineIn } from './lasso.js';
import { rechecked, rechecksBefore, recheckText } from './rechecked.js';
import type { Shrunk } from './shrink.js';
import { swapped, swapsAround, swapText } from './swapped.js';
import type { Needed, Why } from './why.js';

/** A single change with which everything holds, in this scenario. */
export interface Hint {
  readonly text: string;
  /** The function that is changed. */
  readonly fn: string;
  readonly changed: Protocol;
}

export interface Prevention {
  readonly hints: readonly Hint[];
  /** Changes that were tried. */
  readonly tried: number;
}

/**
 * Tries single changes of the functions that the needed orders are about: a lock
 * held across one, a check made once more, two steps swapped; and of all functions of
 * the run, each as another version has it. What makes everything hold in this
 * scenario is a hint, and no more: the kernel has other scenarios.
 */
export function preventionOf(shrunk: Shrunk, { needed }: Why): Prevention {
  const { least, schedule, asked } = shrunk;
  const { test, machine } = least;
  const { protocol } = asked.named;
  const { steps } = traceOf(machine, schedule);
  const before = inTurn(ready(test, asked).machine);
  let tried = 0;
  const isMended = ({ changed }: Hint): boolean => {
    tried++;
    return holds(test, changed, before, asked.maxStates);
  };
  const hints = [
    ...locks(protocol, steps, needed, isMended),
    ...firstOfEach(rechecks(protocol, shrunk, steps, needed), isMended),
    ...swapsAround(steps, new Set(stepsOf(steps, needed)))
      .map((swap): Hint => {
        return { fn: swap.fn, text: swapText(swap), changed: swapped(protocol, swap) };
      })
      .filter(isMended),
    ...versions(protocol, test.scenario, steps, isMended),
  ];
  return { hints, tried };
}

type Asks = (hint: Hint) => boolean;

/** A sleeping lock held across a function: not across what calls one for which that will do. */
function locks(
  base: Protocol,
  steps: readonly TraceStep[],
  needed: readonly Needed[],
  isMended: Asks,
): Hint[] {
  const around = functionsAround(steps, needed).filter((fn) => maySleep(steps, fn));
  return (Object.keys(LOCKS) as LockName[]).flatMap((name) => {
    const mended: Hint[] = [];
    for (const fn of around) {
      if (mended.some((inner) => calls(steps, fn, inner.fn))) continue;
      const text = `${LOCKS[name].text} held across ${fn}()`;
      const hint = { fn, text, changed: heldAcross(base, fn, name) };
      if (isMended(hint)) mended.push(hint);
    }
    return mended;
  });
}

/** Checks that others may have answered otherwise since, once more before a needed step. */
function* rechecks(
  base: Protocol,
  { least, schedule, asked }: Shrunk,
  steps: readonly TraceStep[],
  needed: readonly Needed[],
): Generator<Hint & { readonly check: string }> {
  const touched = stepsOthersTouch(ready(least.test, asked).machine, schedule);
  const isCheck = (step: TraceStep): boolean => touched.has(step.index) && isReading(step);
  for (const step of new Set(stepsOf(steps, needed)))
    for (const recheck of rechecksBefore(steps, step, isCheck))
      yield {
        fn: recheck.fn,
        text: recheckText(recheck),
        check: `${recheck.check} ${recheck.fn} ${recheck.before.name}`,
        changed: rechecked(base, recheck),
      };
}

const isReading = ({ changes, acquired, released }: TraceStep): boolean =>
  changes.length === 0 && acquired.length === 0 && released.length === 0;

/** Of several ways to go on from the same check only one. */
function firstOfEach(
  hints: Iterable<Hint & { readonly check: string }>,
  isMended: Asks,
): readonly Hint[] {
  const seen = new Set<string>();
  const mended = new Map<string, Hint>();
  for (const hint of hints) {
    if (seen.has(hint.text) || mended.has(hint.check)) continue;
    seen.add(hint.text);
    if (isMended(hint)) mended.set(hint.check, hint);
  }
  return [...mended.values()];
}

/**
 * Each function of the run as other versions have it: a check, a lock or a step more. What a
 * version without such memory does to it is no way to mend anything.
 */
function versions(
  base: Protocol,
  { memory, huge }: Scenario,
  steps: readonly TraceStep[],
  isMended: Asks,
): Hint[] {
  const others = protocols.filter(
    (p) => p.kinds.includes(memory) && (!huge || p.hugePages.includes(memory)),
  );
  const names = new Set(steps.flatMap(({ frames }) => frames.slice(1).map((f) => f.name)));
  return [...names].toSorted().flatMap((fn) => {
    const seen = new Set<unknown>([base.functions[fn]]);
    const ids: string[] = [];
    let first: Protocol | undefined;
    for (const { id, functions } of others) {
      const other = functions[fn];
      if (!other || seen.has(other)) continue;
      seen.add(other);
      const changed = withFunction(base, fn, other);
      if (!isMended({ fn, text: id, changed })) continue;
      ids.push(id);
      first ??= changed;
    }
    const list = ids.join(', ').replace(/, (?=[^,]*$)/, ' or ');
    return first ? [{ fn, text: `${fn}() as in ${list}`, changed: first }] : [];
  });
}

/**
 * Does everything hold, in all runs, can everybody get on, and do operations that nobody
 * disturbs return what they did? Not if the kernel cannot run like that.
 */
function holds(test: LitmusTest, protocol: Protocol, before: string, maxStates: number): boolean {
  try {
    const { world } = buildWorld(test.scenario, protocol, invariants, test.condition);
    const { condition } = world;
    const isWitnessed = condition?.quantifier === 'exists';
    // Who asks what there is may not want it: prevented is what has no witness.
    const machine = new Machine({
      ...world,
      condition: isWitnessed ? { ...condition, quantifier: 'not exists' } : condition,
    });
    return inTurn(machine) === before && isFineIn(machine, maxStates);
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

/** Is a function never called under mmu_lock, which spins? */
function maySleep(steps: readonly TraceStep[], fn: string): boolean {
  const isIn = ({ frames }: TraceStep): boolean => frames.some((f) => f.name === fn);
  return steps.filter(isIn).every(({ actor, index }) => {
    const caller = steps.slice(0, index).findLast((s) => s.actor === actor);
    return !caller || isIn(caller) || caller.held.every((r) => r.class !== MMU_LOCK);
  });
}

const calls = (steps: readonly TraceStep[], outer: string, inner: string): boolean =>
  steps.some(({ frames }) => {
    const names = frames.map((f) => f.name);
    return names.includes(inner) && names.slice(0, names.indexOf(inner)).includes(outer);
  });
