import { EngineError } from './errors.js';
import { step, test, type Flow } from './flow.js';
import type { Memory } from './memory.js';
import type { Resource } from './resources.js';
import { View, type Part } from './struct.js';

/**
 * A reader-writer lock: rwlock and rwsem alike, and, when nobody ever takes it
 * shared, a mutex or a page lock. Who holds it is kept, not just how many, so
 * that a report can name the holders and only a holder can release.
 *
 * Queues are not part of the state: any waiter may be next. Who queues for writing matters
 * only to readers, and only where the lock says so (rwsem()).
 */
export class Lock extends View {
  constructor(
    memory: Memory,
    name: string,
    private readonly lockClass: string,
    private readonly writer: number,
    /** Address of the first reader's cell, or -1 where nobody ever shares it. */
    private readonly readers: number,
    /** Address of the first queued writer's cell, or -1 where readers pass by them. */
    private readonly queue: number = -1,
  ) {
    super(memory, name, writer);
  }

  /** Actor that holds it exclusively, or -1. */
  get owner(): number {
    return this.$memory.load(this.writer) - 1;
  }
  set owner(actor: number) {
    this.$memory.store(this.writer, actor + 1);
  }
  /**
   * Does this actor hold it shared? A cell for each, so that readers who come
   * and go touch nothing in common and the search need not try both orders.
   */
  isSharedBy(actor: number): boolean {
    return this.readers >= 0 && this.$memory.load(this.readers + actor) === 1;
  }
  /** The running actor joins or leaves the readers. */
  share(joins: boolean): void {
    this.$memory.store(this.readers + this.$memory.actor, joins ? 1 : 0);
  }
  get isLocked(): boolean {
    if (this.owner >= 0) return true;
    for (let a = 0; a < this.$memory.actors; a++) if (this.isSharedBy(a)) return true;
    return false;
  }
  get hasQueue(): boolean {
    return this.queue >= 0;
  }
  get isQueuedFor(): boolean {
    for (let a = 0; a < this.$memory.actors; a++)
      if (this.hasQueue && this.$memory.load(this.queue + a) === 1) return true;
    return false;
  }
  /** The running actor joins or leaves the queued writers. */
  enqueue(joins: boolean): void {
    this.$memory.store(this.queue + this.$memory.actor, joins ? 1 : 0);
  }
  get heldByMe(): boolean {
    return this.owner === this.$memory.actor;
  }
  resource(mode: 'exclusive' | 'shared' | 'queued'): Resource {
    return { class: this.lockClass, instance: this.$name, mode };
  }
}

/** A lock field that can be taken shared or exclusively. */
export const rwlock = (lockClass: string): Part<Lock> => readerWriter(lockClass, false);

/**
 * The same with writers who queue: a reader that comes then waits behind them, as with an
 * rw_semaphore that readers own (rwsem_down_read_slowpath()). A reader that was in the queue
 * before is one that comes before the writer: no other actor can tell.
 */
export const rwsem = (lockClass: string): Part<Lock> => readerWriter(lockClass, true);

function readerWriter(lockClass: string, hasQueue: boolean): Part<Lock> {
  return {
    kind: 'part',
    place(memory, name) {
      const writer = memory.declare(`${name}.writer`, 0, memory.actors, 0);
      const readers = ofEachActor(memory, `${name}.readers`);
      const queue = hasQueue ? ofEachActor(memory, `${name}.queued`) : -1;
      return new Lock(memory, name, lockClass, writer, readers, queue);
    },
  };
}

function ofEachActor(memory: Memory, name: string): number {
  const first = memory.info.length;
  for (let a = 0; a < memory.actors; a++) memory.declare(`${name}[${a}]`, 0, 1, 0);
  return first;
}

/** A lock field that is only ever exclusive. */
export function mutex(lockClass: string): Part<Lock> {
  return {
    kind: 'part',
    place(memory, name) {
      const writer = memory.declare(`${name}.owner`, 0, memory.actors, 0);
      return new Lock(memory, name, lockClass, writer, -1);
    },
  };
}

/** Waits until nobody holds the lock, then takes it exclusively. */
export function lock(label: string, l: Lock): Flow {
  if (l.hasQueue) throw new EngineError(`${label}: ${l.$name} has a queue, as rwsem() says`);
  const take = (): void => void (l.owner = l.$memory.actor);
  return step(label, take, { when: () => !l.isLocked, acquires: [l.resource('exclusive')] });
}

/** The same where the lock may have a queue: readers that come now wait behind this one. */
export function* lockQueued(label: string, l: Lock): Flow {
  const queued = l.hasQueue ? [l.resource('queued')] : [];
  if (l.hasQueue) yield* step(`${label}: queued`, () => l.enqueue(true), { acquires: queued });
  const take = (): void => {
    l.owner = l.$memory.actor;
    if (l.hasQueue) l.enqueue(false);
  };
  yield* step(label, take, {
    when: () => !l.isLocked,
    acquires: [l.resource('exclusive')],
    releases: queued,
  });
}

/** Takes the lock exclusively if it is free now. */
export function tryLock(label: string, l: Lock): Flow<boolean> {
  const take = (): boolean => {
    if (l.isLocked) return false;
    l.owner = l.$memory.actor;
    return true;
  };
  return test(label, take, { acquires: (taken) => (taken ? [l.resource('exclusive')] : []) });
}

/** Gives up an exclusive lock. @throws EngineError unless the actor holds it. */
export function unlock(label: string, l: Lock, also: () => void = () => {}): Flow {
  return step(
    label,
    () => {
      if (!l.heldByMe) throw new EngineError(`${label}: ${l.$name} ${held(l, 'actor')}`);
      l.owner = -1;
      also();
    },
    { releases: [l.resource('exclusive')] },
  );
}

/** Waits until no writer holds the lock, or queues for it, then joins the readers. */
export function lockShared(label: string, l: Lock): Flow {
  const take = (): void => {
    if (l.isSharedBy(l.$memory.actor))
      throw new EngineError(`${label}: ${l.$name} is already held by this reader`);
    l.share(true);
  };
  return step(label, take, {
    when: () => l.owner < 0 && !l.isQueuedFor,
    acquires: [l.resource('shared')],
  });
}

/** Leaves the readers. @throws EngineError unless the actor is one. */
export function unlockShared(label: string, l: Lock, also: () => void = () => {}): Flow {
  return step(
    label,
    () => {
      if (!l.isSharedBy(l.$memory.actor))
        throw new EngineError(`${label}: ${l.$name} ${held(l, 'reader')}`);
      l.share(false);
      also();
    },
    { releases: [l.resource('shared')] },
  );
}

/** How it is held, where it is to be given up in another way. */
function held(l: Lock, by: 'actor' | 'reader'): string {
  if (l.heldByMe) return 'is held exclusively: it is given up as a writer does';
  if (l.isSharedBy(l.$memory.actor)) return 'is held shared: it is given up as a reader does';
  return `is not held by this ${by}`;
}
