import { changes, Footprint } from './footprint.js';
import { UNKNOWN } from './footprints.js';
import { CLOSED, NOBODY, READ } from './memory.js';
import type { MemoryTable } from './memories.js';
import { Readings } from './readings.js';
import type { TouchTable } from './touches.js';
import type { World } from './world.js';

/** Verdict of a memory: no property is broken. */
export const FINE = -1;

/** What a property comes to where it reads certain values. */
interface Decision {
  readonly holds: boolean;
  /** Number of the footprint that it was decided by. */
  readonly support: number;
}

/**
 * Which property each memory breaks. A property is decided anew only where a
 * cell has changed that it was decided by in the memory before, and is run only
 * where it reads values that it has not read before.
 */
export class Verdicts {
  /** Index of the first broken property, per memory, or FINE. */
  readonly broken: number[] = [];
  /** Memory and property of each decision that was run: all others came to what one of these did. */
  readonly performed: number[] = [];
  private readonly touched: Footprint;
  private readonly decisions: Readings<Decision>;

  constructor(
    private readonly world: World,
    private readonly touches: TouchTable,
    memories: MemoryTable,
  ) {
    this.touched = new Footprint(world.memory.info.length);
    this.decisions = new Readings(world.memory, memories);
  }

  /**
   * Decides memory `id`, a new one, that a move has made out of another.
   * @param machine makes it the current one, where a property must be run.
   */
  decide(id: number, before: number, move: Footprint, machine: Shows): void {
    const wasFine = before >= 0 && this.broken[before] === FINE;
    const { properties } = this.world;
    let broken = FINE;
    for (let i = 0; i < properties.length && broken === FINE; i++) {
      if (wasFine && this.isAsBefore(id, before, i, move)) continue;
      const { holds, support } = this.decisions.find(id, i) ?? this.perform(id, i, machine);
      this.touches.decidedBy(id, i, support);
      if (!holds) broken = i;
    }
    this.broken[id] = broken;
  }

  /** What property number `property` comes to in a memory, and what that rests on. */
  of(id: number, property: number, machine: Shows): Decision {
    return this.decisions.find(id, property) ?? this.perform(id, property, machine);
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

  private perform(id: number, property: number, machine: Shows): Decision {
    machine.show(id);
    const { memory, properties } = this.world;
    const moved = memory.touched;
    const log = (memory.log = [] as number[]);
    memory.touched = this.touched;
    memory.access = READ;
    memory.actor = NOBODY;
    this.touched.clear();
    try {
      const holds = properties[property]!.holds();
      const support = this.touches.ofProperty(property, this.touched);
      const decision = { holds, support };
      this.decisions.learn(property, log, decision);
      this.performed.push(id, property);
      return decision;
    } finally {
      memory.access = CLOSED;
      memory.touched = moved;
      memory.log = undefined;
    }
  }
}

/** Who can make a memory the current one. */
interface Shows {
  show(memory: number): void;
}
