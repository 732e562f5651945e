import type { LitmusTest } from '../../models/language/index.js';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld, type Built } from '../../models/world.js';
import type { MemoryKind } from '../../models/state/shape.js';
import type { Place } from '../checkpoint/place.js';
import { Machine } from '../core/machine.js';
import type { Reached } from '../explore/bounds.js';
import type { Lasso } from '../explore/progress/lasso.js';
import type { Reductions } from '../explore/reductions/options.js';
import type { Sampled } from '../explore/sampling/named.js';
import type { SearchResult } from '../explore/verdict.js';
import type { CheckResult } from '../report/result.js';
import type { Named } from './named.js';

export type Strategy = 'exhaustive' | 'contexts' | Sampled;

export interface CheckOptions {
  readonly strategy: Strategy;
  readonly maxStates: number;
  /** Steps after which an exhaustive search goes no further; none unless given. */
  readonly maxDepth?: number | undefined;
  /** Seconds that a search of states may take; none unless given. */
  readonly maxTime?: number | undefined;
  /** MiB that this process may have while it searches states; none unless given. */
  readonly maxMemory?: number | undefined;
  /** Checks at a time that share that memory; 1 unless given. */
  readonly sharers?: number;
  readonly runs: number;
  readonly seed: number;
  /** Reductions of an exhaustive search; unless given none, then all where states are too many. */
  readonly reduce?: Reductions;
  /** Bound of a search by contexts; none unless given. */
  readonly maxPreemptions?: number;
  /** Depth of the bugs that PCT aims at; 3 unless given. */
  readonly depth?: number;
  /** Keep signatures of states in place of them; of 64 bits unless told otherwise. */
  readonly hashCompact?: boolean;
  readonly signatureBits?: number;
  /** Overrides the test's own kind of memory. */
  readonly memory: MemoryKind | undefined;
}

/** What a check meets of the world while it goes on. */
export interface Outside {
  /** Is shown the machine once the search is over. */
  readonly searched?: ((machine: Machine) => void) | undefined;
  /** Is shown how far a search of states has come, several times a second. */
  readonly reached?: ((reached: Reached) => void) | undefined;
  /** Has the user had enough of it? */
  readonly isInterrupted?: (() => boolean) | undefined;
  /** Where an exhaustive search is saved now and then, and gone on with. */
  readonly checkpoint?: Place | undefined;
  /** Is told of trouble that does not end the check. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** A test under a protocol, made executable. */
export interface Question {
  readonly test: LitmusTest;
  readonly named: Named;
  readonly options: CheckOptions;
  readonly memory: MemoryKind;
  readonly built: Built;
  readonly machine: Machine;
}

/** @throws InputError if it cannot be built */
export function questionOf(test: LitmusTest, named: Named, options: CheckOptions): Question {
  const scenario = { ...test.scenario, memory: options.memory ?? test.scenario.memory };
  const built = buildWorld(scenario, named.protocol, invariants, test.condition);
  const machine = new Machine(built.world);
  return { test, named, options, memory: scenario.memory, built, machine };
}

/** Searches of which no checkpoint can be had: each begins anew whenever it was stopped. */
export type Unsaved = 'reduced' | 'contexts' | 'hash-compact' | 'sampled';

/** What a search found, and whether it also answered if everybody gets on. */
export interface Found {
  readonly found: SearchResult;
  readonly progress: CheckResult['progress'];
  readonly lasso?: Lasso;
  /** The kind of search, where it begins anew if it was stopped. */
  readonly unsaved?: Unsaved;
}
