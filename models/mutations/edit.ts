import type { Kernel } from '../kernel.js';
import type { Edited, KernelFunction } from '../source.js';
import { InputError } from '../../src/core/errors.js';
import type { Flow, Request, Returned } from '../../src/core/flow.js';
import { argumentsOf, beginEdit, callable, listed, mistake, returnedOf } from './asked.js';

/** A modelled function, whatever it takes and returns. */
export type ModelledFunction = KernelFunction<never[], Returned>;
export type Fn = ModelledFunction;
export type Args<F extends Fn> = Parameters<F>;

/** The function with other steps, under the source of the one it replaces. */
export function instead<F extends Fn>(
  fn: F,
  other: (...args: Args<F>) => Flow<Returned>,
  edits: readonly Edited[] = [],
): F {
  const { source, leaves, length } = fn;
  // It takes what the other takes, whatever it is written as.
  Object.defineProperty(other, 'length', { value: length });
  return Object.assign(other, {
    source,
    leaves,
    edits: [...(fn.edits ?? []), ...edits],
  }) as unknown as F;
}

/** The function without these steps or calls, as if they had given `value`. */
export function without<F extends Fn>(
  fn: F,
  names: readonly string[],
  value: (...args: Args<F>) => Returned = () => 0,
): F {
  const edits = listed(names).map((name) => beginEdit(fn, name, ''));
  callable('gives what comes of it instead', value);
  // eslint-disable-next-line require-yield
  return rewritten(fn, edits, function* (edit, _request, args) {
    edit.hasEffect = true;
    return returnedOf(edit, value(...args));
  });
}

/** The function as if a step or call of it had given `value` whatever it does give. */
export function answered<F extends Fn>(fn: F, name: string, value: Returned): F {
  const edit = beginEdit(fn, name, `'${name}' gives ${String(value)} without it, too`);
  returnedOf(edit, value);
  return rewritten(fn, [edit], function* (_, request) {
    const given: Returned = yield request;
    edit.hasEffect ||= !isSame(given, value);
    return value;
  });
}

/** The function with one step or call, which must give nothing, `by` places later. */
export function later<F extends Fn>(fn: F, name: string, by = 1): F {
  if (!Number.isInteger(by) || by < 1)
    throw new InputError(`expected by how many places it is later, 1 or more, got ${String(by)}`);
  const edit = beginEdit(fn, name, `there are no ${by} steps behind '${name}' in any call of it`);
  return instead(fn, (...args) => postponing(fn(...(args as [Kernel, ...never[]])), edit, by), [
    edit,
  ]);
}

/** The function called with other arguments. */
export function given<F extends Fn>(fn: F, change: (...args: Args<F>) => Args<F>): F {
  const edit = beginEdit(fn, undefined, 'its arguments are the same without it');
  callable('makes its arguments', change);
  const call = fn as unknown as (...args: Args<F>) => Flow<Returned>;
  return instead(
    fn,
    (...args) => {
      const others = argumentsOf(edit, fn, args, change(...args)) as Args<F>;
      edit.isReached = true;
      edit.hasEffect ||= others.some((other, i) => other !== args[i]);
      return call(...others);
    },
    [edit],
  );
}

/** Is this the step whose label begins so, or the call of that name? */
export const isNamed = (request: Request, name: string): boolean =>
  request.kind === 'step'
    ? request.label.startsWith(name)
    : request.kind === 'call' && request.name === name;

/** Runs a function's own generator, and something else for some of its requests. */
export function rewritten<F extends Fn>(
  fn: F,
  edits: readonly Edited[],
  other: (edit: Edited, request: Request, args: Args<F>) => Flow<Returned>,
): F {
  return instead(
    fn,
    function* (...args) {
      const inner = fn(...(args as [Kernel, ...never[]]));
      let result = inner.next();
      while (!result.done) {
        const request = result.value as Request;
        const edit = edits.find(({ label }) => isNamed(request, label!));
        if (edit) edit.isReached = true;
        const given: Returned = edit ? yield* other(edit, request, args) : yield request;
        result = inner.next(given);
      }
      return result.value;
    },
    edits,
  );
}

/** Requests in their order, but for one that comes so many places later. */
function* postponing(inner: Flow<Returned>, edit: Edited, by: number): Flow<Returned> {
  let held: Request | undefined;
  let places = 0;
  let result = inner.next();
  while (!result.done) {
    const request = result.value as Request;
    const isMeant = isNamed(request, edit.label!);
    // Before it is met again, and before all starts over, it has to have been.
    if (held && (isMeant || request.kind === 'again')) {
      yield* inTime(held, edit);
      held = undefined;
    }
    if (isMeant) {
      edit.isReached = true;
      [held, places] = [request, by];
      result = withNothing(inner, edit);
      continue;
    }
    result = inner.next(yield request);
    if (!held || --places > 0) continue;
    edit.hasEffect = true;
    yield* inTime(held, edit);
    held = undefined;
  }
  if (held) yield* inTime(held, edit);
  return result.value;
}

/** Goes on as if a request had given nothing. */
function withNothing(inner: Flow<Returned>, edit: Edited): IteratorResult<Request, Returned> {
  try {
    return inner.next();
  } catch (error) {
    throw error instanceof TypeError ? needed(edit) : error;
  }
}

function* inTime(request: Request, edit: Edited): Flow {
  const value: Returned = yield request;
  if (value && value !== 0) throw needed(edit);
}

const needed = (edit: Edited): Error =>
  mistake(edit, `'${edit.label}' gives a value that is needed at once: it cannot be later`);

/** A truth value is observed as a number. */
const isSame = (a: Returned, b: Returned): boolean =>
  String(a) === String(b) || Number(a ?? 0) === Number(b ?? 0);
