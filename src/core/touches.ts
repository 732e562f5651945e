import { Alike } from './alike.js';
import { addBits, Footprint } from './footprint.js';
import { FootprintTable, roomFor, UNKNOWN } from './footprints.js';
import type { World } from './world.js';

/**
 * What the search has learnt of which cells matter to whom: the union, over all
 * memories met so far, of what each move and each property touched; and what
 * each property was decided by in each memory.
 */
export class TouchTable {
  /** Per move number; undefined while the move was never tried. */
  readonly moves: (Footprint | undefined)[] = [];
  /** Number of times that a move touched something new. */
  learnt = 0;
  /** Cells that each property reads. */
  readonly properties: Int32Array[];
  /** Per node: has a restarted frame led to it? Every cycle passes such a node. */
  readonly isRetried: boolean[] = [];
  /** Number of nodes that are retried, and of times that properties read something new. */
  retried = 0;
  seen = 0;
  readonly footprints: FootprintTable;
  /** Per memory and property: number of the footprint that it was decided by. */
  private supports: Int32Array = new Int32Array(1024).fill(UNKNOWN);

  private readonly alike: Alike;
  /** Per move: all that it touched and what is like it. */
  private readonly widened: (Footprint | undefined)[] = [];

  constructor(
    private readonly cells: number,
    properties: number,
    alike: World['alike'],
  ) {
    this.footprints = new FootprintTable(new Footprint(cells));
    this.alike = new Alike(alike ?? [], (cells + 31) >> 5);
    this.properties = Array.from({ length: properties }, () => new Footprint(cells).reads);
  }

  ofMove(move: number, touched: Footprint): void {
    let known = this.moves[move];
    if (!known) this.moves[move] = known = new Footprint(this.cells);
    if (!known.add(touched)) return;
    this.widened[move] = undefined;
    this.learnt++;
  }

  /** @returns the number of the footprint. */
  ofProperty(property: number, touched: Footprint): number {
    const known = this.properties[property]!;
    if (addBits(known, touched.reads)) {
      this.seen++;
      this.alike.widen(known);
    }
    return this.footprints.intern(touched);
  }

  decidedBy(memory: number, property: number, footprint: number): void {
    const at = memory * this.properties.length + property;
    this.supports = roomFor(this.supports, at + 1, UNKNOWN);
    this.supports[at] = footprint;
  }

  /** Number of what the property read to be decided in this memory, or UNKNOWN. */
  support(memory: number, property: number): number {
    return this.supports[memory * this.properties.length + property] ?? UNKNOWN;
  }

  /** All that a move has touched so far, in whatever memory, and what is like it. */
  ofAllMemories(move: number): Footprint | undefined {
    const known = this.moves[move];
    return known && (this.widened[move] ??= this.widen(known));
  }

  retriedTo(node: number): void {
    if (this.isRetried[node]) return;
    this.isRetried[node] = true;
    this.retried++;
  }

  private widen(known: Footprint): Footprint {
    const footprint = new Footprint(this.cells);
    footprint.add(known);
    this.alike.widen(footprint.reads);
    this.alike.widen(footprint.writes);
    this.alike.widen(footprint.updates);
    return footprint;
  }
}
