import type { LocalNode } from '../../core/automaton.js';
import { Footprint } from '../../core/footprint.js';
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
  private readonly nodes: readonly LocalNode[];
  private readonly byLocks = new Map<string, Future>();
  /** Per node: what is beside the locks that it holds. */
  private readonly besideNode: (Int32Array | undefined)[] = [];

  constructor(private readonly machine: Machine) {
    const { nodes } = machine.automaton;
    this.count = nodes.length;
    this.nodes = [...new Set(nodes)];
    this.words = machine.world.memory.touched.reads.length;
  }

  /** Footprints of all local states, beside an actor at `node` that does not move. */
  beside(node: number): Int32Array {
    return (this.besideNode[node] ??= this.futureBeside(node).bits);
  }

  /** Has nothing been learnt since that adds to a future which was asked for? */
  isUpToDate(): boolean {
    const now = new Futures(this.machine);
    for (const { held, bits } of this.byLocks.values()) {
      const later = now.futureUnder(held);
      for (let i = 0; i < bits.length; i++) if (later[i]! & ~bits[i]!) return false;
    }
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
    const width = 3 * this.words;
    const bits = new Int32Array(this.count * width);
    const open = this.nodes.filter((node) => !isStopped(node, held)).toReversed();
    for (const node of open) bits.set(this.next(node), node.id * width);
    for (let grown = true; grown;) {
      grown = false;
      for (const node of open)
        for (const after of node.next.values())
          if (after.node.id < this.count && absorb(bits, width, node.id, after.node.id))
            grown = true;
    }
    return bits;
  }

  /** All that the pending step has touched so far, in whatever memory. */
  private next(node: LocalNode): Int32Array {
    const { touches } = this.machine;
    const all = new Footprint(this.words * 32);
    const options = node.step?.options.length ?? 0;
    for (let option = 0; option < options; option++) touches.addTo(all, node.id + option);
    return all.bits;
  }
}

interface Future {
  /** Locks in the way. */
  readonly held: readonly Resource[];
  /** Per node: cells read, written, updated. */
  readonly bits: Int32Array;
}

function absorb(bits: Int32Array, width: number, node: number, after: number): boolean {
  let fresh = 0;
  for (let i = 0; i < width; i++) {
    const more = bits[after * width + i]! & ~bits[node * width + i]!;
    fresh |= more;
    bits[node * width + i]! |= more;
  }
  return fresh !== 0;
}

const isStopped = (node: LocalNode, held: readonly Resource[]): boolean =>
  waitsFor(node.step).some((wanted) => held.some((r) => isInTheWay(r, wanted)));
