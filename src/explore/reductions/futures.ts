import type { LocalNode } from '../../core/automaton.js';
import { Footprint, meets } from '../../core/footprint.js';
import type { Machine } from '../../core/machine.js';
import type { Resource } from '../../core/resources.js';
import { isInTheWay, waitsFor } from '../../core/waits.js';

/**
 * What actors may still do, as far as it is known: for each local state the
 * cells that its pending step touches (`next`) and those that any step from it
 * on touches before a lock stops it that another actor holds (`future`).
 *
 * A step that writes a cell which a property reads is taken to read all that
 * the property reads: two writes to cells that one invariant compares do not
 * commute.
 *
 * A snapshot: local states that were discovered later are taken to interfere
 * with everything.
 */
export class Futures {
  private readonly words: number;
  private readonly count: number;
  /** Per node `words` of cells read, then as many of cells written. */
  private readonly next: Int32Array;
  private readonly byLocks = new Map<string, Int32Array>();
  /** Per node: the future table for the locks that it holds. */
  private readonly futureOfOthers: (Int32Array | undefined)[] = [];
  private readonly nodes: readonly LocalNode[];

  constructor(
    private readonly machine: Machine,
    /** Sets of cells that are read together in every state. */
    private readonly visible: readonly Int32Array[],
  ) {
    const { nodes } = machine.automaton;
    this.count = nodes.length;
    this.nodes = [...new Set(nodes)];
    this.words = visibleWords(machine);
    this.next = new Int32Array(this.count * 2 * this.words);
    for (const node of this.nodes) this.addNext(node);
  }

  /**
   * May the actor at `other` touch what the pending step of `node` touches,
   * before the actor at `node` has taken that step?
   */
  interferes(other: number, node: number): boolean {
    const { words, next } = this;
    if (other >= this.count || node >= this.count) return true;
    const future = this.futureOfOthers[node] ?? this.futureBeside(node);
    let mine = node * 2 * words;
    let theirs = other * 2 * words;
    for (let i = 0; i < words; i++, mine++, theirs++) {
      const written = next[mine + words]!;
      const othersWrites = future[theirs + words]!;
      if ((written & (future[theirs]! | othersWrites)) | (othersWrites & next[mine]!)) return true;
    }
    return false;
  }

  private addNext(node: LocalNode): void {
    const { touches } = this.machine;
    const all = new Footprint(this.words * 32);
    const options = node.step?.options.length ?? 0;
    for (let option = 0; option < options; option++) {
      const one = touches.moves[node.id + option];
      if (one) all.add(one);
    }
    for (const cells of this.visible)
      if (meets(all.writes, cells)) for (let i = 0; i < this.words; i++) all.reads[i]! |= cells[i]!;
    this.next.set(all.reads, node.id * 2 * this.words);
    this.next.set(all.writes, (node.id * 2 + 1) * this.words);
  }

  private futureBeside(node: number): Int32Array {
    const held = this.machine.node(node).held.list.filter(isLock);
    const key = held.map((r) => `${r.class} ${r.instance} ${r.mode}`).join('\n');
    let future = this.byLocks.get(key);
    if (!future) this.byLocks.set(key, (future = this.futureUnder(held)));
    this.futureOfOthers[node] = future;
    return future;
  }

  /** Least fixpoint: a node's own step, then what follows from each outcome. */
  private futureUnder(held: readonly Resource[]): Int32Array {
    const { words } = this;
    const future = new Int32Array(this.next.length);
    const open = this.nodes.filter((node) => !isStopped(node, held)).toReversed();
    for (const { id } of open)
      for (let i = 0; i < 2 * words; i++)
        future[id * 2 * words + i] = this.next[id * 2 * words + i]!;
    for (let grown = true; grown;) {
      grown = false;
      for (const node of open)
        for (const after of node.next.values())
          if (after.node.id < this.count && this.absorb(future, node.id, after.node.id))
            grown = true;
    }
    return future;
  }

  private absorb(future: Int32Array, node: number, after: number): boolean {
    const width = 2 * this.words;
    let fresh = 0;
    for (let i = 0; i < width; i++) {
      const bits = future[after * width + i]! & ~future[node * width + i]!;
      fresh |= bits;
      future[node * width + i]! |= bits;
    }
    return fresh !== 0;
  }
}

const isLock = ({ mode }: Resource): boolean => mode === 'exclusive' || mode === 'shared';

const isStopped = (node: LocalNode, held: readonly Resource[]): boolean =>
  waitsFor(node.step).some((wanted) => held.some((r) => isInTheWay(r, wanted)));

const visibleWords = (machine: Machine): number => machine.world.memory.touched.reads.length;
