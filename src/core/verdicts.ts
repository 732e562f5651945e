import { changes, Footprint } from './footprint.js';
import { UNKNOWN } from './footprints.js';
import { CLOSED, NOBODY, READ } from './memory.js';
import type { TouchTable } from './touches.js';
import type { World } from './world.js';

/** Verdict of a memory: no property is broken. */
export const FINE = -1;

/**
 * Which property each memory breaks. A property is decided anew only where a
 * cell has changed that it was decided by in the memory before: with all of
 * these as they were, it reads the same and comes to the same.
 */
export class Verdicts {
  /** Index of the first broken property, per memory, or FINE. */
  readonly broken: number[] = [];
  private readonly touched: Footprint;

  constructor(
    private readonly world: World,
    private readonly touches: TouchTable,
  ) {
    this.touched = new Footprint(world.memory.info.length);
  }

  /** Decides the current memory, a new one, that a move has made out of another. */
  decide(id: number, before: number, move: Footprint): void {
    const { memory, properties } = this.world;
    const wasFine = before >= 0 && this.broken[before] === FINE;
    const moved = memory.touched;
    memory.touched = this.touched;
    memory.access = READ;
    memory.actor = NOBODY;
    try {
      this.broken[id] = properties.findIndex((_, i) =>
        wasFine && this.isAsBefore(id, before, i, move) ? false : !this.holds(id, i),
      );
    } finally {
      memory.access = CLOSED;
      memory.touched = moved;
    }
  }

  private isAsBefore(id: number, before: number, property: number, move: Footprint): boolean {
    const { touches } = this;
    const support = touches.support(before, property);
    if (support === UNKNOWN) return false;
    const { bits, width } = touches.footprints;
    if (changes(move, bits, support * width)) return false;
    touches.decidedBy(id, property, support);
    return true;
  }

  private holds(id: number, property: number): boolean {
    this.touched.clear();
    const holds = this.world.properties[property]!.holds();
    this.touches.ofProperty(id, property, this.touched);
    return holds;
  }
}
