import { EngineError } from '../../core/errors.js';
import { Fairness } from './fairness.js';
import type { StateGraph } from './graph.js';

/** What was done for each actor since the loop began. */
interface Debts {
  /** It has moved, or could not move at some point. */
  readonly settled: number;
  /** It has not moved, and could have had the lock that it waits for. */
  readonly starved: number;
}

/** States of the component reached with the same debts. */
interface Layer {
  readonly number: number;
  readonly debts: Debts;
  /** Per state of the component: where it was reached from, and by which edge. */
  readonly from: Int32Array;
  readonly edge: Uint32Array;
}

const NOWHERE = -1;

/**
 * A shortest fair loop through a state of a fair component: breadth-first over
 * the states and what the run still owes to whom.
 * @returns its edges.
 */
export function shortestLoop(graph: StateGraph, component: Int32Array, start: number): number[] {
  return new LoopSearch(graph, component.toSorted(), start).run();
}

class LoopSearch {
  private readonly layers: Layer[] = [];
  private readonly byDebts = new Map<number, Layer>();
  private readonly queue: number[] = [];
  /** Actors that wait for a lock where the loop begins, and the others. */
  private readonly waiting: number;
  private readonly plain: number;

  constructor(
    private readonly graph: StateGraph,
    private readonly members: Int32Array,
    private readonly start: number,
  ) {
    this.waiting = new Fairness(graph).waiting(start);
    this.plain = ((1 << (graph.states.width - 1)) - 1) & ~this.waiting;
  }

  run(): number[] {
    const { graph, members, queue } = this;
    this.enter(this.layer(this.meet(0, 0, this.start)), this.index(this.start), NOWHERE, 0);
    for (let at = 0; at < queue.length; at++) {
      const entry = queue[at]!;
      const { debts } = this.layers[Math.floor(entry / members.length)]!;
      const state = members[entry % members.length]!;
      for (let e = graph.first[state]!; e < graph.first[state + 1]!; e++) {
        const to = graph.target[e]!;
        const index = this.index(to);
        if (index < 0) continue;
        const after = this.meet(debts.settled | (1 << graph.actor(e)), debts.starved, to);
        if (to === this.start && this.isFair(after)) return [...this.pathTo(entry), e];
        this.enter(this.layer(after), index, entry, e);
      }
    }
    throw new EngineError('a fair component without a fair loop');
  }

  /** Comes to a state: whoever cannot move there is owed nothing, unless it is a lock. */
  private meet(settled: number, starved: number, state: number): Debts {
    const enabled = this.graph.enabled(state);
    const now = settled | (this.plain & ~enabled);
    return { settled: now, starved: (starved | (this.waiting & enabled)) & ~now };
  }

  private isFair({ settled, starved }: Debts): boolean {
    return (this.plain & ~settled) === 0 && starved === 0;
  }

  private layer(debts: Debts): Layer {
    const key = debts.settled * 2 ** 26 + debts.starved;
    let layer = this.byDebts.get(key);
    if (!layer) {
      const { length } = this.members;
      const from = new Int32Array(length).fill(NOWHERE);
      layer = { number: this.layers.length, debts, from, edge: new Uint32Array(length) };
      this.byDebts.set(key, layer);
      this.layers.push(layer);
    }
    return layer;
  }

  private enter(layer: Layer, index: number, from: number, edge: number): void {
    const entry = layer.number * this.members.length + index;
    if (layer.from[index] !== NOWHERE || entry === this.queue[0]) return;
    layer.from[index] = from;
    layer.edge[index] = edge;
    this.queue.push(entry);
  }

  private pathTo(entry: number): number[] {
    const path: number[] = [];
    for (let at = entry; at !== this.queue[0];) {
      const layer = this.layers[Math.floor(at / this.members.length)]!;
      const index = at % this.members.length;
      path.push(layer.edge[index]!);
      at = layer.from[index]!;
    }
    return path.toReversed();
  }

  /** Where a state stands among the members, or -1. */
  private index(state: number): number {
    let [low, high] = [0, this.members.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.members[middle]! < state) low = middle + 1;
      else high = middle;
    }
    return this.members[low] === state ? low : NOWHERE;
  }
}
