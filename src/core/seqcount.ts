import { EngineError } from './errors.js';
import type { Memory } from './memory.js';
import type { Resource } from './resources.js';
import { View, type Part } from './struct.js';

const DEAD = 0;
const EQUAL = 1;
const CHANGED = 2;

/**
 * A counter that is compared only for equality with snapshots of itself. The
 * number would make the state space infinite and is never looked at, so only
 * the answers are kept: for each actor, whether its snapshot still equals the
 * counter. Exact as long as the real counter never wraps (64 bits do not).
 */
export class SeqCount extends View {
  constructor(
    memory: Memory,
    name: string,
    base: number,
    private readonly snapshotClass: string,
  ) {
    super(memory, name, base);
  }
  /** counter++: every live snapshot now differs. */
  advance(): void {
    for (let a = 0; a < this.$memory.actors; a++) this.$memory.update(this.$base + a, outdated);
  }
  /** snapshot = counter, for the running actor. */
  snapshot(): void {
    this.set(this.$memory.actor, EQUAL);
  }
  /** counter != snapshot, for the running actor. @throws EngineError without one. */
  get changed(): boolean {
    const mine = this.at(this.$memory.actor);
    if (mine === DEAD) throw new EngineError(`${this.$name} compared without a snapshot`);
    return mine === CHANGED;
  }
  /** Whether an actor has a live snapshot, for ghosts and reports. */
  isLive(actor: number): boolean {
    return this.at(actor) !== DEAD;
  }
  /** Whether an actor's live snapshot is out of date. */
  isChanged(actor: number): boolean {
    return this.at(actor) === CHANGED;
  }
  /** The snapshot as a local variable: it dies with the frame that owns it. */
  resource(): Resource {
    return {
      class: this.snapshotClass,
      instance: this.$name,
      mode: 'snapshot',
      dropAtReturn: () => this.$memory.update(this.$base + this.$memory.actor, dead),
    };
  }
  private at(actor: number): number {
    return this.$memory.load(this.$base + actor);
  }
  private set(actor: number, value: number): void {
    this.$memory.store(this.$base + actor, value);
  }
}

// Dead stays dead and dies whether it was out of date or not: these two commute.
const outdated = (snapshot: number): number => (snapshot === EQUAL ? CHANGED : snapshot);
const dead = (): number => DEAD;

/** A sequence counter field; `snapshotClass` names its snapshots in declarations. */
export function seqcount(snapshotClass: string): Part<SeqCount> {
  return {
    kind: 'part',
    place(memory, name) {
      const base = memory.info.length;
      for (let a = 0; a < memory.actors; a++)
        memory.declare(`${name}.snapshot[${a}]`, DEAD, CHANGED, DEAD);
      return new SeqCount(memory, name, base, snapshotClass);
    },
  };
}
