import type { Resource } from './resources.js';

/** What an effect may return: the only thing a flow learns from its step. */
export type Observed = number | boolean | void;

/** What a call may return to its caller: an integer or a few of them. */
export type Returned = number | boolean | void | readonly number[];

/** Anything a call may be given: it must be comparable, hence plain. */
export type Argument = number | boolean | string | undefined | { readonly $name: string };

/** One atomic step: when `when` holds, `run` happens, whole. */
export interface StepRequest {
  readonly kind: 'step';
  readonly label: string;
  /** Guard. The step is blocked where it is false. Only reads. */
  readonly when: ((option: number) => boolean) | undefined;
  /** Effect. Its return value is what the flow observes. */
  readonly run: (option: number) => Observed;
  /** Outcomes that the environment may choose; one for most steps. */
  readonly options: readonly Option[];
  /** What the step acquires and releases, for checks and for reports. */
  readonly acquires: Resources | undefined;
  readonly releases: Resources | undefined;
  /** What sort of integer is observed, so that symmetry can rename it. */
  readonly sort: string | undefined;
}

/** One outcome of a choice. Its cost is drawn from the fault budget. */
export interface Option {
  readonly name: string;
  readonly cost: number;
}

/** Resources, where need be as a function of what the step observed. */
export type Resources = readonly Resource[] | ((observed: number) => readonly Resource[]);

export interface CallRequest {
  readonly kind: 'call';
  readonly name: string;
  readonly fn: FlowFunction;
  readonly args: readonly Argument[];
}

/** Starts the current frame over, as a loop in its function would. */
export interface AgainRequest {
  readonly kind: 'again';
  readonly args: readonly Argument[] | undefined;
}

export type Request = StepRequest | CallRequest | AgainRequest;

/** A flow under execution: yields requests, is sent what they gave. */
// The value sent in differs from request to request, which TypeScript's
// Generator type cannot express; the helpers below restore the exact types.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Flow<T extends Returned = void> = Generator<Request, T, any>;

/** A function of the modelled system, with its arguments already bound to a world. */
export interface FlowFunction {
  (...args: never[]): Flow<Returned>;
  /** Names of resources that may be held longer than the call, by design. */
  readonly leaves?: readonly string[];
}

/** How a step may be refined; every field is optional. */
export interface StepOptions {
  readonly when?: () => boolean;
  readonly acquires?: Resources;
  readonly releases?: Resources;
  readonly sort?: string;
}

const ONE: readonly Option[] = [{ name: '', cost: 0 }];

/** One atomic step that observes an integer, or nothing. */
export function* step<T extends number | void>(
  label: string,
  run: () => T,
  more: StepOptions = {},
): Flow<T extends number ? number : void> {
  return yield request(label, run, more, ONE);
}

/** One atomic step that observes a truth value. */
export function* test(label: string, run: () => boolean, more: StepOptions = {}): Flow<boolean> {
  const observed: number = yield request(label, run, more, ONE);
  return observed !== 0;
}

/**
 * A step whose outcome the environment decides: an allocation fails, a signal
 * is pending. Option 0 is the default and free; the others cost what they say
 * and are enabled while the fault budget lasts.
 * @param run gets the option's index; `when` likewise restricts the options.
 */
export function* choose(
  label: string,
  options: readonly Option[],
  run: (option: number) => number = (option) => option,
  more: Omit<StepOptions, 'when'> & { readonly when?: (option: number) => boolean } = {},
): Flow<number> {
  return yield {
    ...request(label, () => 0, { ...more, when: () => true }, options),
    run,
    when: more.when,
  };
}

function request(
  label: string,
  run: () => Observed,
  more: StepOptions,
  options: readonly Option[],
): StepRequest {
  return {
    kind: 'step',
    label,
    run,
    when: more.when,
    options,
    sort: more.sort,
    acquires: more.acquires,
    releases: more.releases,
  };
}

/** Calls a function of the model: a frame of its own, named in reports. */
export function* call<A extends readonly Argument[], T extends Returned>(
  name: string,
  fn: (...args: A) => Flow<T>,
  ...args: A
): Flow<T> {
  return yield { kind: 'call', name, fn: fn as unknown as FlowFunction, args };
}

/**
 * Starts the current function over, with the same arguments or with new ones.
 * What its callers hold and have done stays. Never returns.
 */
export function* again(...args: Argument[]): Flow<never> {
  yield { kind: 'again', args: args.length > 0 ? args : undefined };
  throw new Error('unreachable: the frame was restarted');
}
