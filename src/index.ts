/**
 * What files from outside build on: protocol variants, invariants, properties of their own.
 *
 *     import { protocolById, variant, without } from 'gmemcheck';
 */
export { variant, type Variant } from '../models/variants/variant.js';
export type { Own, OwnOperation } from '../models/variants/own.js';
export { after, before, replace } from '../models/variants/rewrite.js';
export { answered, given, instead, later, without } from '../models/mutations/edit.js';

export { protocol, type Difference, type Protocol } from '../models/protocol.js';
export { protocolById, protocols } from '../models/protocols/index.js';
export { from, type KernelFunction, type Source } from '../models/source.js';
export type { Implementations, KernelFunctions } from '../models/functions.js';
export type { Kernel, KernelState } from '../models/kernel.js';
export type { Invariant, Scenario } from '../models/scenario.js';
export { bool, int, struct, table } from './core/index.js';
export type { Shape } from '../models/state/shape.js';
export * from '../models/state/structs.js';

/** Scenarios and schedules for fast-check: docs/fast-check.md. */
export { scenarios, type Action, type ScenarioConstraints } from '../models/arbitraries/index.js';
export {
  plans,
  priorities,
  ranges,
  runSchedule,
  type Plan,
  type PlanConstraints,
  type Priorities,
  type PriorityConstraints,
} from './fastcheck/index.js';
export { sequences, type SequenceKind } from './conform/sequences.js';
export { asRecording } from './conform/as-recording.js';
export { broken, shrinkScenario } from './shrink/generated.js';
export type { Shrunk } from './shrink/shrink.js';

/** Steps, tests, choices of the environment, calls; locks. */
export {
  again,
  choose,
  EngineError,
  InputError,
  step,
  test,
  type Flow,
  type Returned,
} from './core/index.js';
export * as locks from '../models/flows/locks.js';
export * as gmem from '../models/flows/gmem.js';
export * as errno from '../models/errno.js';
