import type { Protocol } from '../../models/protocol.js';
import type { FrameState } from '../core/frames.js';
import type { Machine } from '../core/machine.js';
import { generalLabel } from '../core/observer.js';
import type { Resource } from '../core/resources.js';
import { searchedTests } from './searched.js';

/** One line of a function: a step of its own, or a call. */
export interface Item {
  readonly kind: 'step' | 'call';
  /** The step's label, or the callee's name; numbers that vary are N. */
  readonly label: string;
  /** What is held before it, outermost first; for steps only. */
  held: readonly Resource[];
  /** Outcomes the environment chooses from, where it does. */
  readonly options: readonly string[];
}

/**
 * The steps of a function and of all that it calls, in source order, as far as
 * the committed tests reach them: read off the automata that searches discovered.
 * What is held is what is held on the way from that function.
 */
export function stepsOf(protocol: Protocol, root: string): Map<string, Item[]> {
  const steps = new Map<string, Item[]>();
  for (const { machine } of searchedTests(protocol)) collect(machine, root, steps);
  return steps;
}

/** The steps of each function itself, as far as the committed tests reach it. */
export function stepsOfEach(protocol: Protocol): Map<string, Item[]> {
  const steps = new Map<string, Item[]>();
  for (const { machine } of searchedTests(protocol)) collect(machine, undefined, steps);
  return steps;
}

function collect(machine: Machine, root: string | undefined, steps: Map<string, Item[]>): void {
  const held = new Map<FrameState, readonly Resource[]>();
  const reached = new Set<FrameState>();
  for (const { stack, held: now } of machine.automaton.nodes) {
    const frames: FrameState[] = [];
    for (let at = stack; at; at = at.below) frames.unshift(at.top);
    const from = root === undefined ? 0 : frames.findIndex((f) => f.def.name === root);
    if (from < 0) continue;
    held.set(frames.at(-1)!, now.list);
    for (const frame of frames.slice(from)) reached.add(frame);
  }
  for (const state of reached) merge(itemsOf(steps, state.def.name), pathOf(state, held));
}

function itemsOf(steps: Map<string, Item[]>, name: string): Item[] {
  let items = steps.get(name);
  if (!items) steps.set(name, (items = []));
  return items;
}

function pathOf(leaf: FrameState, held: Map<FrameState, readonly Resource[]>): Item[] {
  const path: Item[] = [];
  for (let at: FrameState | undefined = leaf; at; at = at.parent) {
    const { pending } = at;
    if (pending.kind === 'call')
      path.unshift({ kind: 'call', label: pending.name, held: [], options: [] });
    if (pending.kind === 'step')
      path.unshift({
        kind: 'step',
        label: generalLabel(pending.label),
        held: held.get(at) ?? [],
        options: pending.options.map((o) => o.name).filter(Boolean),
      });
  }
  return path;
}

/** Adds a path to the known lines, each new one before the next one known. */
function merge(known: Item[], path: readonly Item[]): void {
  const find = (item: Item): number =>
    known.findIndex((k) => k.kind === item.kind && k.label === item.label);
  path.forEach((item, i) => {
    if (find(item) >= 0) return;
    const next = path
      .slice(i + 1)
      .map(find)
      .find((at) => at >= 0);
    const last = i === 0 ? -1 : find(path[i - 1]!);
    known.splice(next !== undefined && next > last ? next : last + 1, 0, item);
  });
}
