import { FINE, type Machine } from '../../core/machine.js';
import { CONDITION } from '../verdict.js';

/** What `final` says of a memory that satisfies an `exists`: the run breaks nothing. */
export const WITNESS = 'witness';

/** Decides properties and the condition on the memories of a walk. */
export class Checker {
  private readonly truth = new Map<number, boolean>();
  private readonly everyState: boolean;
  private seen = 0;
  private isAllFine = true;

  constructor(private readonly machine: Machine) {
    const quantifier = machine.world.condition?.quantifier;
    this.everyState = quantifier === 'always' || quantifier === 'never';
  }

  /** What is wrong with a memory that a run passes through. */
  state(memory: number): string | undefined {
    const { broken } = this.machine;
    if (broken.length !== this.seen) this.seeNew();
    if (!this.isAllFine && broken[memory] !== FINE)
      return this.machine.world.properties[broken[memory]!]!.id;
    if (!this.everyState) return undefined;
    const wanted = this.machine.world.condition!.quantifier === 'always';
    return this.holds(memory) === wanted ? undefined : CONDITION;
  }

  /** What is wrong with a memory that a run ends in, or WITNESS. */
  final(memory: number): string | undefined {
    const { condition } = this.machine.world;
    if (!condition || this.everyState) return undefined;
    if (condition.quantifier === 'exists') return this.holds(memory) ? WITNESS : undefined;
    const isBad = condition.quantifier === 'not exists';
    return this.holds(memory) === isBad ? CONDITION : undefined;
  }

  /** While no memory at all is broken, a walk need not ask for its own: it saves a cache miss. */
  private seeNew(): void {
    const { broken } = this.machine;
    for (; this.seen < broken.length; this.seen++)
      if (broken[this.seen] !== FINE) this.isAllFine = false;
  }

  private holds(memory: number): boolean {
    let truth = this.truth.get(memory);
    if (truth === undefined) {
      truth = this.machine.inspect(memory, this.machine.world.condition!.holds);
      this.truth.set(memory, truth);
    }
    return truth;
  }
}
