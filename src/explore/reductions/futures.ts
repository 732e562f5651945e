import type { LocalNode } from '../../core/automaton.js';
import type { Machine } from '../../core/machine.js';
import { isInTheWay, isLock, waitsFor } from '../../core/waits.js';
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
  private readonly byLocks = new Map<string, Future>();
  /** Per node: what is beside the locks that it holds. */
  private readonly besideNode: (Int32Array | undefined)[] = [];
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

  /** Footprints of all local states, beside an actor at `node` that does not move. */
  beside(node: number): Int32Array {
    return (this.besideNode[node] ??= this.futureBeside(node).bits);
  }

  /** Has nothing been learnt since that adds to a future which was asked for? */
  isUpToDate(): boolean {
    const { touches, automaton } = this.machine;
    if (touches.learnt === this.learnt && automaton.edges === this.followed) return true;
    const now = new Futures(this.machine);
    for (const future of this.byLocks.values()) if (!now.isClosed(future)) return false;
    return true;
  }

  private futureBeside(node: number): Future {
    const held = this.machine.node(node).held.list.filter(isLock);
    const key = held.map((r) => `${r.class} ${r.instance} ${r.mode}`).join('\n');
    let future = this.byLocks.get(key);
    if (!future) this.byLocks.set(key, (future = { held, bits: this.futureUnder(held) }));
    return future;
  }

  /** Least fixpoint: a node's own step, then what follows from each outcome. */
  private futureUnder(held: readonly Resource[]): Int32Array {
    const { own, count } = this;
    const width = 3 * this.words;
    const isOpen = this.openUnder(held);
    const bits = new Int32Array(own.length);
    for (let id = 0; id < count; id++)
      if (isOpen[id]) for (let i = id * width; i < (id + 1) * width; i++) bits[i] = own[i]!;
    this.close(bits, isOpen, 0);
    return bits;
  }

  /**
   * Does an older snapshot's future hold all of today's? It does if it is a
   * fixpoint of today's steps: the least one is then within it. Today's new
   * nodes are followed from what it says of the known ones.
   */
  private isClosed({ held, bits }: Future): boolean {
    const { own } = this;
    const width = 3 * this.words;
    const known = bits.length / width;
    const isOpen = this.openUnder(held);
    const all = new Int32Array(own.length);
    all.set(bits);
    for (let id = 0; id < this.count; id++)
      if (isOpen[id] && absorb(all, id * width, own, id * width, width) && id < known) return false;
    return !this.close(all, isOpen, known);
  }

  /** Repeats until nothing grows. True, at once, if a node below `fixed` would have to. */
  private close(bits: Int32Array, isOpen: Uint8Array, fixed: number): boolean {
    const { from, to } = this.edges;
    const width = 3 * this.words;
    for (let grown = true; grown;) {
      grown = false;
      for (let e = 0; e < from.length; e++) {
        if (!isOpen[from[e]!] || !absorb(bits, from[e]! * width, bits, to[e]! * width, width))
          continue;
        if (from[e]! < fixed) return true;
        grown = true;
      }
    }
    return false;
  }

  /** Per node: can its step be taken while others hold these locks? */
  private openUnder(held: readonly Resource[]): Uint8Array {
    return Uint8Array.from(this.machine.automaton.nodes.slice(0, this.count), (node) =>
      isStopped(node, held) ? 0 : 1,
    );
  }
}

interface Future {
  /** Locks in the way. */
  readonly held: readonly Resource[];
  /** Per node: cells read, written, updated. */
  readonly bits: Int32Array;
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
