import { EngineError } from './errors.js';
import { step, type Flow } from './flow.js';
import type { Memory } from './memory.js';
import type { Resource } from './resources.js';
import { View, type Part } from './struct.js';

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
  /** Bit mask of the actors inside a read-side critical section. */
  get readers(): number {
    return this.$memory.load(this.$base);
  }
  set readers(mask: number) {
    this.$memory.store(this.$base, mask);
  }
  /** Readers that `actor`, which is synchronizing, still waits for. */
  awaited(actor: number): number {
    return this.$memory.load(this.$base + 1 + actor);
  }
  await(actor: number, mask: number): void {
    this.$memory.store(this.$base + 1 + actor, mask);
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
      const base = memory.declare(`${name}.readers`, 0, all, 0);
      for (let a = 0; a < memory.actors; a++) memory.declare(`${name}.awaited[${a}]`, 0, all, 0);
      return new Srcu(memory, name, lockClass, base);
    },
  };
}

/** Enters a read-side critical section. Not recursive. */
export function srcuReadLock(label: string, s: Srcu): Flow {
  const enter = (): void => {
    const me = 1 << s.$memory.actor;
    if (s.readers & me) throw new EngineError(`${label}: already inside ${s.$name}`);
    s.readers |= me;
  };
  return step(label, enter, { acquires: [s.resource()] });
}

/** Leaves it; whoever synchronizes no longer waits for this reader. */
export function srcuReadUnlock(label: string, s: Srcu): Flow {
  const leave = (): void => {
    const me = 1 << s.$memory.actor;
    if (!(s.readers & me)) throw new EngineError(`${label}: not inside ${s.$name}`);
    s.readers &= ~me;
    for (let a = 0; a < s.$memory.actors; a++) s.await(a, s.awaited(a) & ~me);
  };
  return step(label, leave, { releases: [s.resource()] });
}

/** Waits for the readers that are inside now: two steps, begin and end. */
export function* synchronize(label: string, s: Srcu): Flow {
  const me = s.$memory;
  yield* step(label, () => s.await(me.actor, s.readers));
  yield* step(`${label} /* readers have left */`, () => {}, {
    when: () => s.awaited(me.actor) === 0,
  });
}
