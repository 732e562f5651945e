import { EngineError } from './errors.js';

/**
 * Something an actor holds from one step to a later one: a lock, a reference,
 * a sequence snapshot. The class is the name that functions declare when they
 * return still holding it.
 */
export interface Resource {
  /** Class, as lockdep has lock classes: `mapping->invalidate_lock`. */
  readonly class: string;
  /** Which one: the view's name. */
  readonly instance: string;
  readonly mode: 'exclusive' | 'shared' | 'queued' | 'reference' | 'snapshot';
  /** Given up silently when the frame that took it ends (a dead local). */
  readonly dropAtReturn?: () => void;
}

/** An immutable, interned list of held resources, in order of acquisition. */
export interface Held {
  readonly id: number;
  readonly list: readonly Resource[];
}

const keyOf = (r: Resource): string => `${r.class} ${r.instance} ${r.mode}`;

/** Interns held lists, so that equal ones are the same object. */
export class HeldTable {
  private readonly byKey = new Map<string, Held>();
  readonly none: Held = this.intern([]);

  acquire(held: Held, resource: Resource): Held {
    return this.intern([...held.list, resource]);
  }

  /** Removes the newest matching resource. @throws EngineError if none is held. */
  release(held: Held, resource: Resource): Held {
    const key = keyOf(resource);
    const at = held.list.findLastIndex((r) => keyOf(r) === key);
    if (at < 0)
      throw new EngineError(`releases ${resource.instance} (${resource.mode}) without holding it`);
    return this.intern(held.list.filter((_, i) => i !== at));
  }

  /**
   * What is in `after` beyond `before`, resource by resource.
   * `lost` is what `before` had and `after` has not.
   */
  difference(before: Held, after: Held): { gained: Resource[]; lost: Resource[] } {
    const gained = [...after.list];
    const lost: Resource[] = [];
    for (const resource of before.list) {
      const at = gained.findIndex((r) => keyOf(r) === keyOf(resource));
      if (at < 0) lost.push(resource);
      else gained.splice(at, 1);
    }
    return { gained, lost };
  }

  intern(list: readonly Resource[]): Held {
    const key = list.map(keyOf).join('\n');
    let held = this.byKey.get(key);
    if (!held) {
      held = { id: this.byKey.size, list };
      this.byKey.set(key, held);
    }
    return held;
  }
}
