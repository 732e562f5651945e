import { EngineError } from './errors.js';
import type { Argument, FlowFunction, Request, Returned, StepRequest } from './flow.js';
import { CLOSED, type Memory } from './memory.js';

/** A function with its arguments: what a frame is a frame of. */
export interface FrameDef {
  readonly id: number;
  readonly name: string;
  readonly fn: FlowFunction;
  readonly args: readonly Argument[];
}

/** What a frame does next: ask for something, or return. */
export type Pending = Request | { readonly kind: 'return'; readonly value: Returned };

/**
 * The local state of one frame: the values its requests have given it so far.
 * One object per distinct history, holding what the function does next.
 */
export interface FrameState {
  readonly id: number;
  readonly def: FrameDef;
  readonly parent: FrameState | undefined;
  readonly received: Received;
  readonly pending: Pending;
  readonly children: Map<number | string, FrameState>;
}

/** What a generator is sent: an observation, or what a call returned. */
export type Received = Returned;

/** More than any loop over the pages of the largest world asks for. */
const MAX_HISTORY = 2_500;

/** The same step again and again, without as much as another number: more than there are pages. */
const MAX_ROUNDS = 1_100;

/**
 * Discovers the automaton of each function. A function is a generator; its
 * state after n requests is a function of the n values it received, so it is
 * run once per distinct history, with memory closed, to see what it asks next.
 */
export class FrameTable {
  private readonly defs = new Map<string, FrameDef>();
  private readonly functions = new Map<FlowFunction, number>();
  private readonly roots = new Map<FrameDef, FrameState>();
  readonly states: FrameState[] = [];

  constructor(private readonly memory: Memory) {}

  /** The frame of a function called with these arguments. */
  def(name: string, fn: FlowFunction, args: readonly Argument[]): FrameDef {
    let number = this.functions.get(fn);
    if (number === undefined) this.functions.set(fn, (number = this.functions.size));
    const key = JSON.stringify([number, name, ...args.map((a) => [typeof a, argumentKey(a)])]);
    let def = this.defs.get(key);
    if (!def) this.defs.set(key, (def = { id: this.defs.size, name, fn, args }));
    return def;
  }

  /** The state in which a frame has not received anything yet. */
  root(def: FrameDef): FrameState {
    let root = this.roots.get(def);
    if (!root) this.roots.set(def, (root = this.build(def, undefined, undefined)));
    return root;
  }

  /** The state after `received`. */
  child(state: FrameState, received: Received): FrameState {
    const key = typeof received === 'number' ? received : String(received);
    let child = state.children.get(key);
    if (!child) state.children.set(key, (child = this.build(state.def, state, received)));
    return child;
  }

  private build(def: FrameDef, parent: FrameState | undefined, received: Received): FrameState {
    const path: FrameState[] = [];
    for (let at = parent; at; at = at.parent) path.unshift(at);
    if (path.length > MAX_HISTORY || goesRound(path))
      throw new EngineError(
        `${def.name}() has taken ${path.length - 1} steps in one call and has not ended: it goes round ` +
          `${describe(usual(path))}; a loop that waits for others has to start over with again()`,
      );
    const pending = this.withMemoryClosed(() => replay(def, path, received));
    const state = { id: this.states.length, def, parent, received, pending, children: new Map() };
    this.states.push(state);
    return state;
  }

  private withMemoryClosed<T>(run: () => T): T {
    const before = this.memory.access;
    this.memory.access = CLOSED;
    try {
      return run();
    } finally {
      this.memory.access = before;
    }
  }
}

/** Runs a function through its history and returns what it asks for next. */
function replay(def: FrameDef, path: readonly FrameState[], last: Received): Pending {
  const generator = def.fn(...(def.args as never[]));
  if (typeof (generator as Partial<typeof generator> | undefined)?.next !== 'function')
    throw new EngineError(`${def.name} has no steps: expected function*`);
  let result = generator.next();
  const values = path.length === 0 ? [] : [...path.slice(1).map((s) => s.received), last];
  values.forEach((value, i) => {
    const expected = path[i]!.pending;
    if (result.done || !isSame(result.value, expected))
      throw new EngineError(
        `${def.name}: asked for ${describe(expected)} once and for ` +
          `${result.done ? 'its return' : describe(result.value)} the next time with the same ` +
          `history: a flow must depend on nothing but its arguments and what its steps returned`,
      );
    result = generator.next(value);
  });
  if (result.done) return { kind: 'return', value: checked(def, result.value) };
  if (!KINDS.has((result.value as Partial<Request> | undefined)?.kind))
    throw new EngineError(
      `${def.name} yielded ${String(result.value)}: expected yield* before a step, a test or a call`,
    );
  if (result.value.kind === 'step') checkStep(def, result.value);
  return result.value;
}

/** Steps are told apart by what reports show of them. */
function checkStep({ name }: FrameDef, { label, run }: StepRequest): void {
  if (typeof label !== 'string' || !/^[^\p{Cc}]*\S[^\p{Cc}]*$/u.test(label))
    throw new EngineError(`${name} has a step '${label}': expected a label, on one line`);
  if (typeof run !== 'function')
    throw new EngineError(`${name}: step '${label}' does nothing: expected a function behind it`);
}

const KINDS = new Set<string | undefined>(['step', 'call', 'again']);

/** Both ask for the same; what they were built from is not looked at twice. */
function isSame(a: Request, b: Pending): boolean {
  if (a.kind === 'step') return b.kind === 'step' && a.label === b.label;
  return describe(a) === describe(b);
}

/** Looked at now and then only: it costs as much as what it looks at. */
function goesRound(path: readonly FrameState[]): boolean {
  if (path.length <= MAX_ROUNDS || path.length % 100 !== 0) return false;
  const last = describe(path.at(-1)!.pending);
  return path.slice(-MAX_ROUNDS).every((s) => describe(s.pending) === last);
}

/** What a function has asked for most often of late. */
function usual(path: readonly FrameState[]): Pending {
  const last = path.slice(-100).map((s) => s.pending);
  const often = (p: Pending): number => last.filter((q) => alike(q) === alike(p)).length;
  return last.reduce((best, p) => (often(p) > often(best) ? p : best));
}

/** Numbers count the rounds. */
const alike = (p: Pending): string => describe(p).replace(/\d+/g, 'N');

function describe(p: Pending): string {
  if (p.kind === 'step') return `step '${p.label}'`;
  if (p.kind === 'call') return `call ${p.name}(${p.args.map(argumentKey).join(', ')})`;
  return p.kind;
}

function checked(def: FrameDef, value: Returned): Returned {
  const integers = typeof value === 'object' ? value : typeof value === 'number' ? [value] : [];
  if (!integers.every(Number.isInteger))
    throw new EngineError(`${def.name} returned ${String(value)}: only integers can be returned`);
  return value;
}

/** Arguments compare by value; views by their name, which is unique in a world. */
export function argumentKey(a: Argument): string {
  return typeof a === 'object' ? a.$name : String(a);
}
