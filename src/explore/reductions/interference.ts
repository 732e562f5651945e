import { conflict } from '../../core/footprint.js';
import { UNKNOWN, type FootprintTable } from '../../core/footprints.js';
import type { Machine } from '../../core/machine.js';
import { isLock } from '../../core/waits.js';
import type { Resource } from '../../core/resources.js';
import { Futures } from './futures.js';
import type { Irregular } from './irregular.js';

const [NOT_ASKED, NO, YES] = [0, 1, 2];

/** Answers about what others may do while certain locks are held, by footprint, then by node. */
interface Answers {
  readonly held: readonly Resource[];
  /** What others may do, as far as it is known. */
  bits: Int32Array;
  readonly touched: (Uint8Array | undefined)[];
  readonly decided: (Uint8Array | undefined)[];
  /** By property: where it is not known what decided it. */
  readonly whole: (Uint8Array | undefined)[];
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
  private futures: Futures;
  private readonly footprints: FootprintTable;
  private readonly retried: number;
  private readonly seen: number;
  private readonly version: number | undefined;
  /** How many growths of irregular moves are taken in. */
  private growths: number;
  /** Per node, and by the locks that nodes hold: what was answered before. */
  private readonly beside: (Answers | undefined)[] = [];
  private readonly answers = new Map<string, Answers>();
  /** Per footprint: the properties whose cells it changes, as a bit mask. */
  private readonly changedBy: (number | undefined)[] = [];

  constructor(
    private readonly machine: Machine,
    /** Cells that the condition reads, where it is checked in every state. */
    private readonly condition: Int32Array | undefined,
    /** What must be taken to touch more than it does. */
    private readonly irregular?: Irregular,
  ) {
    this.futures = new Futures(machine);
    machine.keepFootprints();
    this.footprints = machine.touches.footprints;
    this.retried = machine.touches.retried;
    this.seen = machine.touches.seen;
    this.version = irregular?.version;
    this.growths = irregular?.growths ?? 0;
  }

  /**
   * Takes in what has been learnt since. False if that belies an answer which
   * was given: what it was given for may then have been decided wrongly.
   */
  catchUp(): boolean {
    const { touches } = this.machine;
    if (touches.retried !== this.retried || touches.seen !== this.seen) return false;
    if (this.irregular?.version !== this.version) return false;
    if (!this.futures.isUpToDate) {
      const now = new Futures(this.machine);
      for (const answers of this.answers.values()) {
        answers.bits = now.under(answers.held);
        if (!this.stillHold(answers, now.count)) return false;
      }
      this.futures = now;
    }
    return this.outgrow();
  }

  /** Would each No have been one, had irregular moves counted as touching what they do by now? */
  private outgrow(): boolean {
    const { irregular } = this;
    const growths = irregular?.growths ?? 0;
    for (; this.growths < growths; this.growths++) {
      const [before, now] = irregular!.growth(this.growths);
      if (this.changes(before) !== this.changes(now)) return false;
      for (const answers of this.answers.values())
        if (
          answers.touched[before]?.some((known, b) => known === NO && this.meets(answers, now, b))
        )
          return false;
    }
    return true;
  }

  /** Is each No still one? What is learnt makes no Yes a No. */
  private stillHold(answers: Answers, count: number): boolean {
    const asked = (
      tables: (Uint8Array | undefined)[],
      isYes: (id: number, other: number) => boolean,
    ) =>
      tables.every((table, id) => {
        if (table?.some((known, other) => known === NO && isYes(id, other))) return false;
        if (table) tables[id] = longer(table, count);
        return true;
      });
    return (
      asked(answers.touched, (id, other) => this.meets(answers, id, other)) &&
      asked(answers.decided, (id, other) => this.changesSupport(answers, id, other)) &&
      asked(answers.whole, (property, other) => this.changesProperty(answers, property, other))
    );
  }

  /**
   * The columns, of those in `columns`, whose actors may interfere with the
   * pending step of the one in column `a`. Sets of columns are bit masks.
   */
  inTheWay(row: Int32Array, a: number, columns: number): number {
    const { futures, machine } = this;
    const [memory, node] = [row[0]!, row[a]!];
    if (node >= futures.count) return columns;
    const answers = this.answersBeside(node);
    const count = machine.options[node]!;
    let found = 0;
    for (let option = 0; option < count && found !== columns; option++) {
      const id = this.footprintOf(memory, node + option);
      if (id === UNKNOWN) return columns;
      for (let rest = columns & ~found; rest !== 0; rest &= rest - 1) {
        const b = 31 - Math.clz32(rest & -rest);
        if (this.interferes(answers, memory, id, row[b]!)) found |= 1 << b;
      }
    }
    return found;
  }

  private footprintOf(memory: number, move: number): number {
    const { machine, irregular } = this;
    const id = machine.moves.footprintAt(machine.look(memory, move));
    return irregular?.has(move) ? irregular.footprintOf(move, id) : id;
  }

  /** May the actor at `other` interfere with a step of this footprint in this memory? */
  private interferes(answers: Answers, memory: number, id: number, other: number): boolean {
    const { count } = this.futures;
    if (other >= count) return true;
    const known = (answers.touched[id] ??= new Uint8Array(count));
    if (known[other] === NOT_ASKED) known[other] = this.meets(answers, id, other) ? YES : NO;
    if (known[other] === YES) return true;
    for (let rest = this.changes(id); rest !== 0; rest &= rest - 1)
      if (this.mayDecide(answers, memory, 31 - Math.clz32(rest & -rest), other)) return true;
    return false;
  }

  /** Does it change what a property was decided by in this memory? */
  private mayDecide(answers: Answers, memory: number, property: number, other: number): boolean {
    const { touches } = this.machine;
    // What the condition was decided by is not kept for each memory.
    const isCondition = property >= touches.properties.length;
    const isWhole = isCondition || this.irregular?.hasProperty(property);
    const id = isWhole ? UNKNOWN : touches.support(memory, property);
    if (id === UNKNOWN) {
      const known = (answers.whole[property] ??= new Uint8Array(this.futures.count));
      if (known[other] === NOT_ASKED)
        known[other] = this.changesProperty(answers, property, other) ? YES : NO;
      return known[other] === YES;
    }
    const known = (answers.decided[id] ??= new Uint8Array(this.futures.count));
    if (known[other] === NOT_ASKED)
      known[other] = this.changesSupport(answers, id, other) ? YES : NO;
    return known[other] === YES;
  }

  /** Does what the actor at `other` may do conflict with a footprint? */
  private meets({ bits }: Answers, id: number, other: number): boolean {
    const { bits: footprints, width } = this.footprints;
    return conflict(footprints, id * width, bits, other * width, this.futures.words);
  }

  private changesSupport({ bits }: Answers, id: number, other: number): boolean {
    const { bits: footprints, width } = this.footprints;
    return isChanged(footprints, id * width, bits, other * width, this.futures.words);
  }

  private changesProperty({ bits }: Answers, property: number, other: number): boolean {
    const cells = this.cellsOf(property);
    const { words } = this.futures;
    return isChanged(cells, 0, bits, other * 3 * words, words);
  }

  private answersBeside(node: number): Answers {
    const known = this.beside[node];
    if (known) return known;
    const held = this.machine.node(node).held.list.filter(isLock);
    const key = held.map((r) => `${r.class} ${r.instance} ${r.mode}`).join('\n');
    let answers = this.answers.get(key);
    if (!answers) {
      answers = { held, bits: this.futures.under(held), touched: [], decided: [], whole: [] };
      this.answers.set(key, answers);
    }
    return (this.beside[node] = answers);
  }

  /** The properties whose cells a footprint changes, as a bit mask. */
  private changes(id: number): number {
    const { bits, width } = this.footprints;
    return (this.changedBy[id] ??= this.changedProperties(bits, id * width));
  }

  private changedProperties(bits: Int32Array, at: number): number {
    const { words } = this.futures;
    const count = this.machine.touches.properties.length + (this.condition ? 1 : 0);
    let mask = 0;
    for (let property = 0; property < count; property++)
      if (isChanged(this.cellsOf(property), 0, bits, at, words)) mask |= 1 << property;
    return mask;
  }

  /** All that a property has ever read; the condition comes after the last property. */
  private cellsOf(property: number): Int32Array {
    const { irregular } = this;
    if (irregular?.hasProperty(property)) return irregular.cellsOf(property);
    return this.machine.touches.properties[property] ?? this.condition!;
  }
}

function longer(table: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(table);
  return copy;
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
