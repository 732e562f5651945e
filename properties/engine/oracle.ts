import { CELLS, LOCKS, type Program, type Statement } from './programs.js';

/**
 * A second, deliberately plain explorer: no generators, no interning, no memo,
 * no code of the engine. A state is a tree of plain values and is compared as
 * JSON text; where a function stands is found by walking it again with the
 * values it was given so far.
 */
interface Frame {
  f: number;
  arg: number;
  given: number[];
}
interface Actor {
  op: number;
  frames: Frame[];
}
interface State {
  cells: number[];
  locks: { writer: number; readers: number[]; queued: number[] }[];
  /** Per actor: no snapshot, one that stands, one that is out of date. */
  seq: ('none' | 'same' | 'old')[];
  /** Last the one that belongs to nobody. */
  refs: number[];
  budget: number;
  results: (number | null)[][];
  actors: Actor[];
}

/** Which step of a statement: most have one. */
type Part = 'whole' | 'queue' | 'take' | 'try' | 'back off' | 'give' | 'give first';

type Pending =
  | { do: 'step'; statement: Statement; part: Part; r: number }
  | { do: 'call'; callee: number; arg: number }
  | { do: 'again' }
  | { do: 'return'; r: number };

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

/** A reader that takes a lock again: the engine refuses such a model. */
export class Misuse extends Error {}
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

/** By hand: structuredClone() takes longer than all the rest of the explorer. */
function copyOf(s: State): State {
  return {
    cells: [...s.cells],
    locks: s.locks.map((l) => ({
      writer: l.writer,
      readers: [...l.readers],
      queued: [...l.queued],
    })),
    seq: [...s.seq],
    refs: [...s.refs],
    budget: s.budget,
    results: s.results.map((of) => [...of]),
    actors: s.actors.map(({ op, frames }) => ({
      op,
      frames: frames.map(({ f, arg, given }) => ({ f, arg, given: [...given] })),
    })),
  };
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

function perform(
  s: State,
  me: number,
  { statement: it, part, r }: Pending & { do: 'step' },
  option: number,
): number | 'blocked' {
  switch (it.k) {
    case 'set':
      s.cells[it.cell] = it.value;
      return 0;
    case 'bump':
      s.cells[it.cell] = (s.cells[it.cell]! + 1) % 3;
      return 0;
    case 'load':
    case 'retry':
      return s.cells[it.cell]!;
    case 'store':
      s.cells[it.cell] = r;
      return 0;
    case 'wait':
      return s.cells[it.cell] === it.value ? 0 : 'blocked';
    case 'choose':
      return option;
    case 'poll':
      return option === 1 || s.cells[it.cell] === it.value ? option : 'blocked';
    case 'with':
    case 'try':
    case 'spin':
    case 'backoff':
      return lockStep(s, me, it, part);
    case 'watch':
    case 'advance':
      return watchStep(s, me, part);
    case 'hold':
    case 'keep':
    case 'letGo':
      return countStep(s, me, it.k, part);
    default:
      throw new Error(`${it.k} is not a step`);
  }
}

function lockStep(
  s: State,
  me: number,
  it: Statement & { k: 'with' | 'try' | 'spin' | 'backoff' },
  part: Part,
): number | 'blocked' {
  const isFirst =
    part === 'queue' || part === 'take' || part === 'back off' || part === 'give first';
  const number = it.k !== 'backoff' ? it.lock : isFirst ? it.first : 1 - it.first;
  const l = s.locks[number]!;
  const shared = it.k === 'with' && it.shared;
  if (part === 'queue') {
    l.queued = [...l.queued, me].toSorted();
    return 0;
  }
  if (part === 'give' || part === 'give first' || part === 'back off') {
    if (shared) l.readers = l.readers.filter((a) => a !== me);
    else l.writer = -1;
    return 0;
  }
  if (shared) {
    if (l.writer !== -1 || l.queued.length > 0) return 'blocked';
    if (l.readers.includes(me)) throw new Misuse();
    l.readers = [...l.readers, me].toSorted();
    return 0;
  }
  const free = l.writer === -1 && l.readers.length === 0;
  if (!free) return part === 'try' ? 0 : 'blocked';
  l.writer = me;
  l.queued = l.queued.filter((a) => a !== me);
  return part === 'try' ? 1 : 0;
}

/** A snapshot dies once it was looked at: nothing asks for it any more. */
function watchStep(s: State, me: number, part: Part): number {
  if (part === 'whole') s.seq = s.seq.map((mine) => (mine === 'same' ? 'old' : mine));
  if (part === 'take') s.seq[me] = 'same';
  if (part !== 'give') return 0;
  const changed = s.seq[me] === 'old';
  s.seq[me] = 'none';
  return Number(changed);
}

function countStep(s: State, me: number, k: 'hold' | 'keep' | 'letGo', part: Part): number {
  const nobody = s.refs.length - 1;
  if (part === 'take') s.refs[me]!++;
  else if (k === 'keep') s.refs[nobody] = 1;
  else if (k === 'hold' || s.refs[nobody]! > 0) {
    s.refs[k === 'hold' ? me : nobody]!--;
    return Number(s.refs.every((count) => count === 0));
  }
  return 0;
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

/** Where a function stands after it was given these values. */
function pendingOf(p: Program, frame: Frame): Pending {
  const at = { r: frame.arg, used: 0, queues: p.queues === true };
  return walk(p.functions[frame.f]!, frame.given, at) ?? { do: 'return', r: at.r };
}

/** How far a function has been walked, and with which lock. */
interface At {
  r: number;
  used: number;
  readonly queues: boolean;
}

function walk(body: readonly Statement[], given: readonly number[], at: At): Pending | undefined {
  for (const statement of body) {
    const pending = walkOne(statement, given, at);
    if (pending) return pending;
  }
  return undefined;
}

function walkOne(it: Statement, given: readonly number[], at: At): Pending | undefined {
  const known = (): number | undefined => given[at.used++];
  const asStep = (part: Part): Pending => {
    return { do: 'step', statement: it, part, r: at.r };
  };
  const isQueue = (lock: number): boolean => at.queues && lock === LOCKS - 1;
  switch (it.k) {
    case 'if':
      return walk(at.r === it.value ? it.yes : it.no, given, at);
    case 'call': {
      const r = known();
      if (r === undefined) return { do: 'call', callee: it.callee, arg: it.arg };
      at.r = r;
      return undefined;
    }
    case 'backoff': {
      if (isQueue(it.first) && known() === undefined) return asStep('queue');
      if (known() === undefined) return asStep('take');
      const taken = known();
      if (taken === undefined) return asStep('try');
      if (taken === 0) return known() === undefined ? asStep('back off') : { do: 'again' };
      const inside = walk(it.body, given, at);
      if (inside) return inside;
      if (known() === undefined) return asStep('give');
      return known() === undefined ? asStep('give first') : undefined;
    }
    case 'watch':
    case 'hold': {
      if (known() === undefined) return asStep('take');
      const r = known();
      if (r === undefined) return asStep('give');
      at.r = r;
      return undefined;
    }
    case 'with':
    case 'try':
    case 'spin': {
      const waits = it.k === 'with' && !it.shared && isQueue(it.lock);
      if (waits && known() === undefined) return asStep('queue');
      const taken = known();
      if (taken === undefined) return asStep(it.k === 'with' ? 'take' : 'try');
      if (it.k === 'try' && taken === 0) return undefined;
      if (it.k === 'spin' && taken === 0) return { do: 'again' };
      const inside = walk(it.body, given, at);
      if (inside) return inside;
      return known() === undefined ? asStep('give') : undefined;
    }
    default: {
      const observed = known();
      if (observed === undefined) return asStep('whole');
      const isKept = ['load', 'choose', 'retry', 'poll', 'letGo'].includes(it.k);
      if (isKept) at.r = observed;
      return it.k === 'retry' && observed !== it.value ? { do: 'again' } : undefined;
    }
  }
}
