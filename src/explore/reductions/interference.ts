import { conflict } from '../../core/footprint.js';
import { UNKNOWN } from '../../core/footprints.js';
import type { Machine } from '../../core/machine.js';
import type { ExactTouches } from '../../core/exact.js';
import { Futures } from './futures.js';

const [NOT_ASKED, NO, YES] = [0, 1, 2];

/** Answers by the number of a footprint, then by node. */
interface Answers {
  /** What others may do. */
  readonly bits: Int32Array;
  readonly touched: (Uint8Array | undefined)[];
  readonly decided: (Uint8Array | undefined)[];
}

/**
 * Can what an actor may ever do, as long as another one waits, matter to that
 * one's next step?
 *
 * The next step's footprint is the one that it has in this very memory: as long
 * as nobody changes a cell that it reads it touches no other. What the others
 * do is the union over all that they may come by.
 *
 * A step that changes cells of a property is also taken to read all that the
 * property was decided by in this memory. Then others cannot break it without
 * the step, and it does not matter that it comes first; or it does, and both
 * orders are tried.
 */
export class Interference {
  private readonly futures: Futures;
  private readonly exact: ExactTouches;
  private readonly retried: number;
  private readonly seen: number;
  /** Per node, and per future that nodes are beside: what was answered before. */
  private readonly beside: (Answers | undefined)[] = [];
  private readonly answers = new Map<Int32Array, Answers>();
  /** Per footprint: the properties whose cells it changes, as a bit mask. */
  private readonly changedBy: (number | undefined)[] = [];

  constructor(
    private readonly machine: Machine,
    /** Cells that the condition reads, where it is checked in every state. */
    private readonly condition: Int32Array | undefined,
  ) {
    this.futures = new Futures(machine);
    this.exact = machine.touches.keepExact();
    this.retried = machine.touches.retried;
    this.seen = machine.touches.seen;
  }

  /** Does all that was answered still hold, with what was learnt since? */
  isUpToDate(): boolean {
    const { touches } = this.machine;
    return (
      touches.retried === this.retried && touches.seen === this.seen && this.futures.isUpToDate()
    );
  }

  /** Are there local states by now that had to be taken to interfere with everything? */
  knowsLess(): boolean {
    return this.machine.automaton.nodes.length > this.futures.count;
  }

  /** May the actor at `other` interfere with the pending step of `node` in this memory? */
  interferes(other: number, memory: number, node: number): boolean {
    const { futures, machine, exact } = this;
    if (other >= futures.count || node >= futures.count) return true;
    const answers = this.answersBeside(node);
    const count = machine.options[node]!;
    for (let option = 0; option < count; option++) {
      const id = exact.move(memory, node + option);
      if (id === UNKNOWN || this.meets(answers, id, other)) return true;
      for (let rest = this.changes(id); rest !== 0; rest &= rest - 1) {
        const property = 31 - Math.clz32(rest & -rest);
        if (this.mayDecide(answers, memory, property, other)) return true;
      }
    }
    return false;
  }

  /** Does what the actor at `other` may do conflict with a footprint? */
  private meets({ bits, touched }: Answers, id: number, other: number): boolean {
    const known = (touched[id] ??= new Uint8Array(this.futures.count));
    if (known[other] !== NOT_ASKED) return known[other] === YES;
    const { words } = this.futures;
    const { bits: footprints, width } = this.exact.footprints;
    const answer = conflict(footprints, id * width, bits, other * width, words);
    known[other] = answer ? YES : NO;
    return answer;
  }

  /** Does it change what a property was decided by in this memory? */
  private mayDecide(answers: Answers, memory: number, property: number, other: number): boolean {
    const { exact, futures, machine } = this;
    const { words } = futures;
    // What the condition was decided by is not kept for each memory.
    const isCondition = property >= machine.touches.properties.length;
    const id = isCondition ? UNKNOWN : machine.touches.support(memory, property);
    if (id === UNKNOWN) {
      const cells = machine.touches.properties[property] ?? this.condition!;
      return isChanged(cells, 0, answers.bits, other * 3 * words, words);
    }
    const known = (answers.decided[id] ??= new Uint8Array(futures.count));
    if (known[other] !== NOT_ASKED) return known[other] === YES;
    const { bits, width } = exact.footprints;
    const answer = isChanged(bits, id * width, answers.bits, other * width, words);
    known[other] = answer ? YES : NO;
    return answer;
  }

  private answersBeside(node: number): Answers {
    const known = this.beside[node];
    if (known) return known;
    const bits = this.futures.beside(node);
    let answers = this.answers.get(bits);
    if (!answers) this.answers.set(bits, (answers = { bits, touched: [], decided: [] }));
    return (this.beside[node] = answers);
  }

  /** The properties whose cells a footprint changes, as a bit mask. */
  private changes(id: number): number {
    const { bits, width } = this.exact.footprints;
    return (this.changedBy[id] ??= this.changedProperties(bits, id * width));
  }

  private changedProperties(bits: Int32Array, at: number): number {
    const { words } = this.futures;
    const { properties } = this.machine.touches;
    let mask = 0;
    const visible = this.condition ? [...properties, this.condition] : properties;
    visible.forEach((cells, i) => {
      if (isChanged(cells, 0, bits, at, words)) mask |= 1 << i;
    });
    return mask;
  }
}

/** Does a footprint write or update any of these cells? */
function isChanged(
  cells: Int32Array,
  atCells: number,
  footprint: Int32Array,
  at: number,
  words: number,
): boolean {
  for (let i = 0; i < words; i++)
    if (cells[atCells + i]! & (footprint[at + words + i]! | footprint[at + 2 * words + i]!))
      return true;
  return false;
}
