import type { LocalNode } from '../../core/automaton.js';
import type { Machine } from '../../core/machine.js';
import { isInTheWay, waitsFor } from '../../core/waits.js';
import type { Resource } from '../../core/resources.js';

/**
 * What actors may still do, as far as it is known: for each local state the
 * cells that any step from it on touches, in any memory, before a lock stops it
 * that a certain other actor holds.
 *
 * A snapshot: local states that were discovered later have no future here, and
 * are to be taken to touch everything.
 */
export class Futures {
  /** Words of one set of cells; a footprint has three such sets. */
  readonly words: number;
  /** Local states that were known. */
  readonly count: number;
  /** Per node: all that its pending step has touched so far, in whatever memory. */
  private readonly own: Int32Array;
  private readonly edges: Edges;
  /** What had been learnt, to see at a glance whether more has been. */
  private readonly learnt: number;
  private readonly followed: number;

  constructor(private readonly machine: Machine) {
    const { automaton, touches, world } = machine;
    this.count = automaton.nodes.length;
    this.words = world.memory.touched.reads.length;
    this.own = ownOf(machine, 3 * this.words);
    this.edges = edgesOf(automaton.nodes);
    this.learnt = touches.learnt;
    this.followed = automaton.edges;
  }

  /** Has nothing been learnt since? */
  get isUpToDate(): boolean {
    const { touches, automaton } = this.machine;
    return touches.learnt === this.learnt && automaton.edges === this.followed;
  }

  /**
   * Footprints of all local states, while others hold these locks: least
   * fixpoint of a node's own step, then what follows from each outcome.
   * @returns per node the cells read, written, updated
   */
  under(held: readonly Resource[]): Int32Array {
    const { own, count } = this;
    const { from, to } = this.edges;
    const width = 3 * this.words;
    const isOpen = this.openUnder(held);
    const bits = new Int32Array(own.length);
    for (let id = 0; id < count; id++)
      if (isOpen[id]) for (let i = id * width; i < (id + 1) * width; i++) bits[i] = own[i]!;
    for (let grown = true; grown;) {
      grown = false;
      for (let e = 0; e < from.length; e++)
        if (isOpen[from[e]!] && absorb(bits, from[e]! * width, bits, to[e]! * width, width))
          grown = true;
    }
    return bits;
  }

  /** Per node: can its step be taken while others hold these locks? */
  private openUnder(held: readonly Resource[]): Uint8Array {
    return Uint8Array.from(this.machine.automaton.nodes, (node) => (isStopped(node, held) ? 0 : 1));
  }
}

/** Which node follows which. */
interface Edges {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

function ownOf({ automaton, touches }: Machine, width: number): Int32Array {
  const bits = new Int32Array(automaton.nodes.length * width);
  automaton.nodes.forEach(({ id }, move) => {
    const touched = touches.ofAllMemories(move);
    if (touched) absorb(bits, id * width, touched.bits, 0, width);
  });
  return bits;
}

/** Last ones first: what was discovered late comes late, and futures flow back from it. */
function edgesOf(nodes: readonly LocalNode[]): Edges {
  const from: number[] = [];
  const to: number[] = [];
  for (const [move, node] of nodes.entries()) {
    if (move !== node.id) continue;
    for (const after of node.next.values()) {
      from.push(node.id);
      to.push(after.node.id);
    }
  }
  return { from: Int32Array.from(from.toReversed()), to: Int32Array.from(to.toReversed()) };
}

/** Adds `width` words at `from` of `more` to those at `to`. True if any bit was new. */
function absorb(
  bits: Int32Array,
  to: number,
  more: Int32Array,
  from: number,
  width: number,
): boolean {
  let fresh = 0;
  for (let i = 0; i < width; i++) {
    fresh |= more[from + i]! & ~bits[to + i]!;
    bits[to + i]! |= more[from + i]!;
  }
  return fresh !== 0;
}

const isStopped = (node: LocalNode, held: readonly Resource[]): boolean =>
  waitsFor(node.step).some((wanted) => held.some((r) => isInTheWay(r, wanted)));
