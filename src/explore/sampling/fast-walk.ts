import { BLOCKED, type Machine } from '../../core/machine.js';
import { DEADLOCK } from '../verdict.js';
import type { Checker } from './checker.js';
import { CUT } from './drive.js';
import { BATCH, Integers } from './integers.js';
import {
  AFTER_BITS,
  BROKEN,
  CHOICE,
  DONE,
  ENTRY_SHIFT,
  MoveCache,
  PLACE_BITS,
  REFUSED,
  hash,
} from './move-cache.js';

/**
 * Random walks without a schedule: each makes the same draws and comes to the
 * same end as the one that `drive` makes with the random chooser, which is asked
 * for the schedule where one is wanted. Here a step is a dozen loads: everything
 * that changes is in local variables, the generator's next numbers are drawn in
 * batches, and who is blocked takes an empty step instead of a branch.
 */
export class FastWalk {
  steps = 0;
  /** What the bounds of PCT ask of its own runs only. */
  readonly hasSpun = false;
  readonly hasChosen = false;
  private readonly cache: MoveCache;
  private readonly random: Integers;
  /** Places of actors that have not finished, in the first `runnable` entries. */
  private readonly places: Int32Array;
  private memory = 0;
  private runnable = 0;

  constructor(
    private readonly machine: Machine,
    private readonly seed: number,
    private readonly maxSteps: number,
    private readonly checker: Checker,
  ) {
    this.cache = new MoveCache(machine, checker);
    this.random = new Integers(seed);
    this.places = new Int32Array(machine.initialNodes.length);
  }

  /** Makes one run. @returns what it broke, or CUT, or WITNESS, or nothing */
  run(run: number): string | undefined {
    this.restart(run);
    const broken = this.checker.state(this.memory) ?? this.go();
    return broken ?? this.checker.final(this.memory);
  }

  private restart(run: number): void {
    this.random.restart(this.seed, run);
    this.memory = this.machine.initialMemory;
    this.steps = 0;
    this.runnable = 0;
    for (const node of this.machine.initialNodes)
      if (!this.machine.isDone(node)) this.places[this.runnable++] = this.cache.placeOf(node);
  }

  /** The loop itself; gives up for the final state, which is not asked for here. */
  private go(): string | undefined {
    const { cache, places, random, maxSteps } = this;
    const { draws } = random;
    let { entries, mask } = cache;
    let { memory, runnable } = this;
    let { next } = random;
    let steps = 0;
    let stepsBefore = -1;
    while (runnable > 0 && steps < maxSteps) {
      if (next === BATCH) {
        // A whole batch of draws without a step: time to ask if anybody can move.
        if (steps === stepsBefore && this.isStuck(memory, runnable)) {
          this.steps = steps;
          return DEADLOCK;
        }
        stepsBefore = steps;
        random.refill();
        next = 0;
      }
      const product = Math.imul(draws[next++]!, runnable);
      const low = product & 0xffff;
      if (low < runnable && low < 2 ** 16 % runnable) continue;
      const i = product >>> 16;
      const place = places[i]!;
      let at = (hash(memory, place) & mask) << ENTRY_SHIFT;
      if (entries[at] !== memory || entries[at + 1] !== place) {
        if ((place & CHOICE) !== 0) {
          random.next = next;
          at = cache.choose(memory, place, random);
          ({ next } = random);
        } else at = cache.find(memory, place);
        ({ entries, mask } = cache);
      }
      const after = entries[at + 2]!;
      const placeAfter = entries[at + 3]!;
      memory = after >> AFTER_BITS;
      places[i] = placeAfter;
      steps += 1 - (after & REFUSED);
      if (((after | placeAfter) & (BROKEN | DONE)) !== 0) {
        this.steps = steps;
        if ((after & BROKEN) !== 0) return this.checker.state(memory);
        places[i] = places[--runnable]!;
      }
    }
    this.steps = steps;
    this.memory = memory;
    return runnable > 0 ? CUT : undefined;
  }

  private isStuck(memory: number, runnable: number): boolean {
    const { machine } = this;
    for (let i = 0; i < runnable; i++) {
      const node = this.places[i]! >> PLACE_BITS;
      for (let option = 0; option < machine.options[node]!; option++)
        if (machine.moves.memoryAt(machine.look(memory, node + option)) !== BLOCKED) return false;
    }
    return true;
  }
}
