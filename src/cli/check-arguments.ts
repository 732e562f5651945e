import type { MemoryKind } from '../../models/state/shape.js';
import type { Strategy } from '../check/question.js';
import type { Reductions } from '../explore/reductions/options.js';

/** What `gmemcheck check` was given. */
export interface CheckArguments {
  readonly protocol?: string;
  readonly memory?: MemoryKind;
  readonly strategy: Strategy;
  readonly maxStates: number;
  readonly runs: number;
  readonly seed: number;
  readonly depth: number;
  readonly reduce?: Reductions;
  readonly maxPreemptions?: number;
  readonly maxDepth?: number;
  /** Seconds for each test. */
  readonly maxTime?: number;
  /** MiB for all of them together. */
  readonly maxMemory?: number;
  /** Folder that an interrupted run goes on from. */
  readonly checkpoint?: string;
  /** Seconds from one save to the next. */
  readonly checkpointEvery?: number;
  /** Keep signatures of states only, of so many bits. */
  readonly hashCompact?: boolean;
  readonly signatureBits?: number;
  readonly json?: boolean;
  /** Verdicts only, without the diagrams. */
  readonly brief?: boolean;
  /** Diagrams without call nesting. */
  readonly flat?: boolean;
  /** Report what was reached, and what never was. */
  readonly coverage?: boolean;
  /** File that is to have the one test, with what was found. */
  readonly export?: string;
  /** Threads; default: as many as there are processors. */
  readonly workers?: number;
  /** Show how far it has come, where there is a terminal; yes unless given. */
  readonly progress?: boolean;
}
