import type { Hunted } from './races/hunt.js';
import type { Round, Sizes } from './schedules/rounds.js';
import type { Compared } from './spin/compare.js';
import type { Tools } from './spin/tools.js';

/** All that a run of the benchmark has measured: what `--json` writes. */
export interface Results {
  readonly machine: Machine;
  /** Missing: Spin is not installed. */
  readonly tools: Tools | undefined;
  /** Cases of the comparison with Spin; empty where none was asked for. */
  readonly compared: readonly Compared[];
  readonly schedules: Schedules | undefined;
  readonly races: readonly Hunted[];
  /** The whole run by the clock. */
  readonly wallSeconds: number;
}

/** What it ran on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
  /** Load average of a minute, at the start and at the end. */
  readonly load: readonly [number, number];
}

/** Random schedules of one committed test. */
export interface Schedules {
  readonly test: string;
  readonly protocol: string;
  readonly actors: readonly string[];
  readonly properties: readonly string[];
  readonly sizes: Sizes;
  readonly rounds: readonly Round[];
}
