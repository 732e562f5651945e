import type { Kernel } from '../kernel.js';
import type { Edited, KernelFunction } from '../source.js';
import type { Flow, Request, Returned } from '../../src/core/flow.js';

/** A modelled function, whatever it takes and returns. */
export type ModelledFunction = KernelFunction<never[], Returned>;
export type Fn = ModelledFunction;
export type Args<F extends Fn> = Parameters<F>;

/** What becomes of one request of a function; undefined = nothing. */
type Edit =
  | { readonly kind: 'left out'; readonly value: Returned }
  | { readonly kind: 'answered'; readonly value: Returned }
  | { readonly kind: 'later'; readonly by: number };

/** The function with other steps, under the source of the one it replaces. */
export function instead<F extends Fn>(
  fn: F,
  other: (...args: Args<F>) => Flow<Returned>,
  edits: readonly Edited[] = [],
): F {
  const { source, leaves } = fn;
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
  return edited(fn, names, (...args) => ({ kind: 'left out', value: value(...args) }));
}

/** The function as if a step or call of it had given `value` whatever it does give. */
export function answered<F extends Fn>(fn: F, name: string, value: Returned): F {
  return edited(fn, [name], () => ({ kind: 'answered', value }));
}

/** The function with one step or call, which must give nothing, `by` places later. */
export function later<F extends Fn>(fn: F, name: string, by = 1): F {
  return edited(fn, [name], () => ({ kind: 'later', by }));
}

/** The function called with other arguments. */
export function given<F extends Fn>(fn: F, change: (...args: Args<F>) => Args<F>): F {
  const call = fn as unknown as (...args: Args<F>) => Flow<Returned>;
  return instead(fn, (...args) => call(...change(...args)));
}

/** Is this the step whose label begins so, or the call of that name? */
export const isNamed = (request: Request, name: string): boolean =>
  request.kind === 'step'
    ? request.label.startsWith(name)
    : request.kind === 'call' && request.name === name;

/** Runs a function's own generator and comes between it and some of its requests. */
function edited<F extends Fn>(
  fn: F,
  names: readonly string[],
  edit: (...args: Args<F>) => Edit,
): F {
  const edits = names.map((label): Edited => ({ label, isReached: false }));
  return instead(
    fn,
    function* (...args) {
      const inner = fn(...(args as [Kernel, ...never[]]));
      const change = edit(...args);
      let held: { readonly request: Request; places: number } | undefined;
      let result = inner.next();
      while (!result.done) {
        const hit = edits.find(({ label }) => isNamed(result.value as Request, label));
        if (hit) hit.isReached = true;
        if (!hit) result = inner.next(yield result.value);
        else if (change.kind === 'left out') result = inner.next(change.value);
        else if (change.kind === 'answered') {
          yield result.value;
          result = inner.next(change.value);
        } else {
          held = { request: result.value, places: change.by };
          result = inner.next();
          continue;
        }
        if (held && (result.done || --held.places === 0)) {
          yield held.request;
          held = undefined;
        }
      }
      return result.value;
    },
    edits,
  );
}
