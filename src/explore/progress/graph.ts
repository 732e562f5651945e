import { EngineError } from '../../core/errors.js';
import type { Machine } from '../../core/machine.js';
import type { Decision, Schedule } from '../../core/schedule.js';
import { WATCHED } from '../bounds.js';
import type { StateTable } from '../states.js';
import { Successors } from '../successors.js';

/** Actors are bits of a mask, and two masks make one exact number. */
const MOST_ACTORS = 26;

/** Bit of a label: the move is paid for from the fault budget. */
const COSTLY = 0x80;

/**
 * The states of a search and the moves between them, edge by edge: the edges of
 * state `s` are numbered from `first[s]` up to, without, `first[s + 1]`. States
 * keep the numbers of their table: the order in which a breadth-first search
 * met them.
 */
export class StateGraph {
  constructor(
    readonly machine: Machine,
    readonly states: StateTable,
    readonly first: Uint32Array,
    readonly target: Int32Array,
    /** Who moves, and whether that costs. */
    private readonly labels: Uint8Array,
  ) {}

  get count(): number {
    return this.first.length - 1;
  }
  get bytes(): number {
    return this.first.byteLength + this.target.byteLength + this.labels.byteLength;
  }

  /** The actor that moves along an edge. */
  actor(edge: number): number {
    return this.labels[edge]! & ~COSTLY;
  }
  /** Does the move need no fault and no signal? */
  isFree(edge: number): boolean {
    return this.labels[edge]! < COSTLY;
  }

  /** Actors that can move freely in a state: a bit mask. */
  enabled(state: number): number {
    let mask = 0;
    for (let e = this.first[state]!; e < this.first[state + 1]!; e++)
      if (this.isFree(e)) mask |= 1 << this.actor(e);
    return mask;
  }

  /** Has every actor finished? */
  isFinal(state: number): boolean {
    if (this.first[state] !== this.first[state + 1]) return false;
    const row = new Int32Array(this.states.width);
    this.states.read(state, row);
    return row.every((node, i) => i === 0 || this.machine.isDone(node));
  }

  /** The decisions that lead to a state the way the search came to it. */
  stemTo(state: number): Schedule {
    const decisions: Decision[] = [];
    for (let at = state, from; (from = this.states.parent(at)) >= 0; at = from) {
      const edge = this.target.subarray(this.first[from], this.first[from + 1]).indexOf(at);
      if (edge < 0) throw new EngineError('a state that no edge of its parent leads to');
      decisions.push(this.decision(from, this.first[from]! + edge));
    }
    return decisions.toReversed();
  }

  /** The decisions along a path of edges. */
  schedule(from: number, path: readonly number[]): Schedule {
    let at = from;
    return path.map((edge) => {
      const decision = this.decision(at, edge);
      at = this.target[edge]!;
      return decision;
    });
  }

  private decision(from: number, edge: number): Decision {
    const { machine, states } = this;
    const before = new Int32Array(states.width);
    const after = new Int32Array(states.width);
    states.read(from, before);
    states.read(this.target[edge]!, after);
    const actor = this.actor(edge);
    const node = before[actor + 1]!;
    for (let option = 0; option < machine.options[node]!; option++) {
      const at = machine.look(before[0]!, node + option);
      if (machine.moves.memoryAt(at) !== after[0]) continue;
      if (machine.moves.nodeAt(at) === after[actor + 1]) return { actor, option };
    }
    throw new EngineError('an edge that no move makes');
  }
}

/** Does a move leave the fault budget alone? */
export function isFreeMove(machine: Machine, move: number): boolean {
  const node = machine.node(move);
  return node.step!.options[move - node.id]!.cost === 0;
}

/** Takes the edges of a search, state by state, in the order of their numbers. */
export class GraphBuilder {
  private readonly first: Uint32Array;
  private target: Int32Array;
  private labels: Uint8Array;
  private edges = 0;
  private begun = 0;

  /** @param edges how many there will be, where that is known. */
  constructor(
    private readonly machine: Machine,
    private readonly states: StateTable,
    count: number,
    edges = 1 << 12,
  ) {
    if (machine.initialNodes.length > MOST_ACTORS)
      throw new EngineError(`progress is checked for ${MOST_ACTORS} actors at most`);
    this.first = new Uint32Array(count + 1);
    this.target = new Int32Array(edges);
    this.labels = new Uint8Array(edges);
  }

  /** The edges that follow are those of the next state. */
  begin(): void {
    this.first[++this.begun] = this.edges;
  }

  add(target: number, actor: number, isFree: boolean): void {
    if (this.edges === this.target.length) this.grow();
    this.target[this.edges] = target;
    this.labels[this.edges++] = isFree ? actor : actor | COSTLY;
    this.first[this.begun] = this.edges;
  }

  finish(): StateGraph {
    return new StateGraph(
      this.machine,
      this.states,
      this.first,
      this.target.subarray(0, this.edges),
      this.labels.subarray(0, this.edges),
    );
  }

  private grow(): void {
    const { target, labels } = this;
    const length = target.length + (target.length >> 1) + 1;
    this.target = new Int32Array(length);
    this.target.set(target);
    this.labels = new Uint8Array(length);
    this.labels.set(labels);
  }
}

/**
 * The graph of a search that has visited every state. The search kept no edges;
 * all its moves are memoized, so finding them again is a pass of look-ups.
 * @param transitions how many moves the search has counted.
 * @param pulse called now and then; what it throws ends the pass.
 */
export function graphOf(
  machine: Machine,
  states: StateTable,
  transitions: number,
  pulse?: () => void,
): StateGraph {
  const builder = new GraphBuilder(machine, states, states.count, transitions);
  const successors = new Successors(machine, states);
  const isFree: (boolean | undefined)[] = [];
  for (let id = 0; id < states.count; id++) {
    if (id % WATCHED === 0) pulse?.();
    builder.begin();
    successors.of(id);
    while (successors.edge()) {
      const { target, mover, choice } = successors;
      const move = successors.node(mover) + choice;
      builder.add(target, mover - 1, (isFree[move] ??= isFreeMove(machine, move)));
    }
  }
  return builder.finish();
}
