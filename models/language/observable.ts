import type { Kernel } from '../kernel.js';
import type { Kvm } from '../state/structs.js';

/** What a condition may ask of the state, by index. */
export interface Observable {
  readonly count: (k: Kernel) => number;
  readonly read: (k: Kernel, index: number, kvm: Kvm) => number;
  /** Has every VM its own? */
  readonly ofVm?: true;
  /** What there has to be in the initial state for there to be any. */
  readonly needs?: string;
  readonly help: string;
}
