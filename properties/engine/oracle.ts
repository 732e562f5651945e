import { pendingOf, type Pending } from './oracle/position.js';
import { copyOf, type State } from './oracle/state.js';
import { perform } from './oracle/steps.js';
import { CELLS, LOCKS, type Program } from './programs/program.js';

export { Misuse } from './oracle/steps.js';

/**
 * A second, deliberately plain explorer: no generators, no interning, no memo,
 * no code of the engine. A state is a tree of plain values and is compared as
 * JSON text; where a function stands is found by walking it again with the
 * values it was given so far.
 */

/** What the oracle knows of a program once it has seen every state. */
export interface Facts {
  readonly states: number;
  readonly transitions: number;
  readonly finals: number;
  /** Fewest steps to a state that breaks a property; absent when none does. */
  readonly distance: ReadonlyMap<string, number>;
  /** Fewest steps to a final state that satisfies the condition. */
  readonly witness: number | undefined;
}

export class TooBig extends Error {}

function initial(p: Program): State {
  const first: State = {
    cells: Array.from({ length: CELLS }, () => 0),
    locks: Array.from({ length: LOCKS }, () => ({ writer: -1, readers: [], queued: [] })),
    seq: p.actors.map(() => 'none'),
    refs: [...p.actors.map(() => 0), 0],
    budget: p.budget,
    results: p.actors.map((ops) => ops.map(() => null)),
    actors: p.actors.map(() => ({ op: 0, frames: [] })),
  };
  first.actors.forEach((_, a) => settle(p, first, a));
  return first;
}

export function oracle(p: Program, maxStates: number): Facts {
  const queue = [{ state: initial(p), far: 0 }];
  const seen = new Set([JSON.stringify(queue[0]!.state)]);
  const distance = new Map<string, number>();
  let [transitions, finals, witness] = [0, 0, undefined as number | undefined];
  for (const { state, far } of queue) {
    const breaks = (property: string, so: boolean): void => {
      if (so && !distance.has(property)) distance.set(property, far);
    };
    const next = successors(p, state).map((move) => move.after);
    transitions += next.length;
    const { quantifier } = p.condition;
    const truth = condition(p, state);
    breaks('bad', state.cells[0] === p.bad[0] && state.cells[1] === p.bad[1]);
    breaks('condition', quantifier === 'always' ? !truth : quantifier === 'never' && truth);
    if (next.length === 0) {
      const final = isFinal(p, state);
      breaks('deadlock', !final);
      if (final) {
        finals++;
        breaks(
          'condition',
          quantifier === 'forall' ? !truth : quantifier === 'not exists' && truth,
        );
        if (truth) witness ??= far;
      }
    }
    for (const n of next) {
      const key = JSON.stringify(n);
      if (seen.has(key)) continue;
      seen.add(key);
      if (queue.push({ state: n, far: far + 1 }) > maxStates) throw new TooBig();
    }
  }
  return { states: seen.size, transitions, finals, distance, witness };
}

function isFinal(p: Program, state: State): boolean {
  return state.actors.every((actor, a) => actor.op === p.actors[a]!.length);
}

/** A state and what can happen in it, for questions about whole graphs. */
export interface PlainState {
  readonly far: number;
  readonly isFinal: boolean;
  readonly moves: readonly { readonly to: number; readonly actor: number; readonly cost: number }[];
  /** Actors that stand before a lock which they do not merely try. */
  readonly queued: readonly number[];
}

/** Every state of a program, in breadth-first order. */
export function plainGraph(p: Program, maxStates: number): PlainState[] {
  const queue = [{ state: initial(p), far: 0 }];
  const numbers = new Map([[JSON.stringify(queue[0]!.state), 0]]);
  return Array.from(walkQueue());

  function* walkQueue(): Generator<PlainState> {
    for (const { state, far } of queue) {
      const moves = successors(p, state).map(({ after, actor, cost }) => {
        const key = JSON.stringify(after);
        const known = numbers.get(key);
        if (known !== undefined) return { to: known, actor, cost };
        numbers.set(key, queue.length);
        if (queue.push({ state: after, far: far + 1 }) > maxStates) throw new TooBig();
        return { to: queue.length - 1, actor, cost };
      });
      const queued = state.actors.flatMap((actor, a) =>
        actor.frames.length > 0 && isQueued(pendingOf(p, actor.frames.at(-1)!)) ? [a] : [],
      );
      yield { far, isFinal: isFinal(p, state), moves, queued };
    }
  }
}

function isQueued(pending: Pending): boolean {
  if (pending.do !== 'step' || pending.part !== 'take') return false;
  return pending.statement.k === 'with' || pending.statement.k === 'backoff';
}

function condition(p: Program, state: State): boolean {
  const { of, value } = p.condition;
  if (of === 'both') return state.cells[0] === value && state.cells[1] !== value;
  if (of === 'cell' || p.actors[0]!.length === 0) return state.cells[0] === value;
  return state.results[0]![0] === value;
}

function successors(p: Program, state: State): { after: State; actor: number; cost: number }[] {
  const next: { after: State; actor: number; cost: number }[] = [];
  state.actors.forEach((actor, a) => {
    if (actor.op === p.actors[a]!.length) return;
    const pending = pendingOf(p, actor.frames.at(-1)!);
    if (pending.do !== 'step') throw new Error('settled actors stand at a step');
    const { statement } = pending;
    const options =
      statement.k === 'choose'
        ? statement.costs
        : statement.k === 'poll'
          ? [0, statement.cost]
          : [0];
    options.forEach((cost, option) => {
      if (cost > state.budget) return;
      const after = copyOf(state);
      after.budget -= cost;
      const observed = perform(after, a, pending, option);
      if (observed === 'blocked') return;
      after.actors[a]!.frames.at(-1)!.given.push(observed);
      settle(p, after, a);
      next.push({ after, actor: a, cost });
    });
  });
  return next;
}

/** Calls, returns and restarts until the actor stands at a step or is done. */
function settle(p: Program, s: State, a: number): void {
  const actor = s.actors[a]!;
  while (actor.op < p.actors[a]!.length) {
    const frame = actor.frames.at(-1);
    if (!frame) {
      actor.frames.push({ f: p.actors[a]![actor.op]!, arg: 0, given: [] });
      continue;
    }
    const pending = pendingOf(p, frame);
    if (pending.do === 'step') return;
    if (pending.do === 'call')
      actor.frames.push({ f: pending.callee, arg: pending.arg, given: [] });
    else if (pending.do === 'again') frame.given = [];
    else {
      actor.frames.pop();
      const caller = actor.frames.at(-1);
      if (caller) caller.given.push(pending.r);
      else s.results[a]![actor.op++] = pending.r;
    }
  }
}
