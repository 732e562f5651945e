import { EngineError } from './errors.js';
import { step, type Flow } from './flow.js';
import type { Memory } from './memory.js';
import type { Resource } from './resources.js';
import { View, type Part } from './struct.js';
import { waitFor } from './waits.js';

/**
 * Sleepable RCU as its users see it: synchronize waits for the readers that
 * were inside when it began, and for no others. Readers never wait.
 */
export class Srcu extends View {
  constructor(
    memory: Memory,
    name: string,
    private readonly lockClass: string,
    base: number,
  ) {
    super(memory, name, base);
  }
  /** Is the actor inside a read-side critical section? A cell for each, as in a Lock. */
  isInside(actor: number): boolean {
    return this.$memory.load(this.$base + actor) === 1;
  }
  /** The running actor enters or leaves. */
  enter(inside: boolean): void {
    this.$memory.store(this.$base + this.$memory.actor, inside ? 1 : 0);
  }
  /** Bit mask of the actors inside. */
  get readers(): number {
    let mask = 0;
    for (let a = 0; a < this.$memory.actors; a++) if (this.isInside(a)) mask |= 1 << a;
    return mask;
  }
  /** Readers that `actor`, which is synchronizing, still waits for: a bit mask. */
  awaited(actor: number): number {
    return this.$memory.load(this.$base + this.$memory.actors + actor);
  }
  await(actor: number, mask: number): void {
    this.$memory.store(this.$base + this.$memory.actors + actor, mask);
  }
  resource(): Resource {
    return { class: this.lockClass, instance: this.$name, mode: 'shared' };
  }
}

/** An SRCU domain field. */
export function srcu(lockClass: string): Part<Srcu> {
  return {
    kind: 'part',
    place(memory, name) {
      const all = (1 << memory.actors) - 1;
      const base = memory.info.length;
      for (let a = 0; a < memory.actors; a++) memory.declare(`${name}.readers[${a}]`, 0, 1, 0);
      for (let a = 0; a < memory.actors; a++) memory.declare(`${name}.awaited[${a}]`, 0, all, 0);
      return new Srcu(memory, name, lockClass, base);
    },
  };
}

/** Enters a read-side critical section. Not recursive. */
export function srcuReadLock(label: string, s: Srcu): Flow {
  const enter = (): void => {
    if (s.isInside(s.$memory.actor)) throw new EngineError(`${label}: already inside ${s.$name}`);
    s.enter(true);
  };
  return step(label, enter, { acquires: [s.resource()] });
}

/** Leaves it; whoever synchronizes no longer waits for this reader. */
export function srcuReadUnlock(label: string, s: Srcu): Flow {
  const leave = (): void => {
    const me = 1 << s.$memory.actor;
    if (!s.isInside(s.$memory.actor)) throw new EngineError(`${label}: not inside ${s.$name}`);
    s.enter(false);
    for (let a = 0; a < s.$memory.actors; a++)
      if (s.awaited(a) & me) s.await(a, s.awaited(a) & ~me);
  };
  return step(label, leave, { releases: [s.resource()] });
}

/** Waits for the readers that are inside now: two steps, begin and end. */
export function* synchronize(label: string, s: Srcu): Flow {
  const me = s.$memory;
  yield* step(label, () => s.await(me.actor, s.readers));
  yield* waitFor(`${label} /* readers have left */`, {
    waits: { ...s.resource(), mode: 'exclusive' },
    awaited: (actor) => s.awaited(actor),
    when: () => s.awaited(me.actor) === 0,
  });
}
