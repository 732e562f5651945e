import type { LocalNode } from '../../core/automaton.js';
import type { FrameState } from '../../core/frames.js';
import { BLOCKED, type Machine } from '../../core/machine.js';

/** What a frame did at one point and what came of it: a search's finding as plain data. */
export interface Seen {
  readonly asked: 'step' | 'call' | 'again' | 'return';
  /** The step's label, the callee's name. */
  readonly name: string;
  /** What it returned. */
  readonly value: Given;
  /** Whether it had to wait; missing where it never has to, or nobody looked. */
  readonly waited?: boolean;
  /** Outcomes that the environment chose, where it had a choice. */
  readonly chosen?: readonly string[];
  /** What it was given, and how it went on. */
  readonly after: readonly { readonly given: Given; readonly seen: Seen }[];
}

/** What a request gave; null stands for nothing, as JSON has it. */
export type Given = number | boolean | readonly number[] | null;

/** A frame from its call on. */
export interface SeenCall {
  readonly name: string;
  /** Null for what is not a plain value. */
  readonly args: readonly (number | boolean | string | null)[];
  readonly seen: Seen;
}

/**
 * How frames of these functions ran in a search, each as a line of JSON: threads
 * can send it, and since most tests have most of it in common, the reader needs
 * to look at equal lines only once.
 * @param detail `steps` leaves out what only a look at all moves tells
 */
export function seenCalls(
  machine: Machine,
  functions: Readonly<Record<string, unknown>>,
  detail: 'steps' | 'all',
): readonly string[] {
  const lines = new Set<string>();
  const moved = detail === 'all' ? movesOf(machine) : undefined;
  for (const root of machine.automaton.frames.states) {
    const { name, args } = root.def;
    if (root.parent || !Object.hasOwn(functions, name)) continue;
    const plain = args.map((a) => (typeof a === 'object' || a === undefined ? null : a));
    const call: SeenCall = { name, args: plain, seen: seenOf(root, moved) };
    lines.add(JSON.stringify(call));
  }
  return [...lines];
}

function seenOf(state: FrameState, moved: ReadonlyMap<FrameState, Moved> | undefined): Seen {
  const { pending } = state;
  const facts = moved?.get(state);
  return {
    asked: pending.kind,
    name: pending.kind === 'step' ? pending.label : pending.kind === 'call' ? pending.name : '',
    value: pending.kind === 'return' ? (pending.value ?? null) : null,
    ...(facts?.waited === undefined ? {} : { waited: facts.waited }),
    ...(facts ? { chosen: [...facts.chosen] } : {}),
    after: [...state.children.values()].map((child) => ({
      given: child.received ?? null,
      seen: seenOf(child, moved),
    })),
  };
}

/** What only moves know of a frame. */
interface Moved {
  waited: boolean | undefined;
  readonly chosen: Set<string>;
}

/** Who waited and what was chosen, of frames that have a guard or a choice. */
function movesOf(machine: Machine): Map<FrameState, Moved> {
  const all = new Map<FrameState, Moved>();
  for (const node of new Set(machine.automaton.nodes)) {
    const { step, stack } = node;
    if (!step || !stack || (!step.when && step.options.length === 1)) continue;
    let moved = all.get(stack.top);
    if (!moved) all.set(stack.top, (moved = { waited: undefined, chosen: new Set() }));
    const { chosen } = moved;
    step.options.forEach((option, i) => {
      if (!chosen.has(option.name) && happens(machine, node, i, false)) chosen.add(option.name);
    });
    if (step.when) moved.waited ||= happens(machine, node, 0, true);
  }
  return all;
}

/** Is there a memory in which this move was tried and was blocked, or was not? */
function happens(machine: Machine, node: LocalNode, option: number, blocked: boolean): boolean {
  const { moves, memories } = machine;
  for (let memory = 0; memory < memories.count; memory++) {
    const at = moves.find(memory, node.id + option);
    if (at >= 0 && (moves.memoryAt(at) === BLOCKED) === blocked) return true;
  }
  return false;
}
