import type { Kernel } from '../kernel.js';
import { instead, isNamed, type Args, type Fn } from './edit.js';
import type { Request, Returned } from '../../src/core/flow.js';

/** The function with one step or call, which must give nothing, right behind another. */
export function behind<F extends Fn>(fn: F, name: string, after: string): F {
  return instead(fn, function* (...args: Args<F>) {
    const inner = fn(...(args as [Kernel, ...never[]]));
    let held: Request | undefined;
    let result = inner.next();
    while (!result.done) {
      const request = result.value as Request;
      if (isNamed(request, name)) {
        held = request;
        result = inner.next();
        continue;
      }
      const value = yield result.value;
      if (held && isNamed(request, after)) {
        yield held;
        held = undefined;
      }
      result = inner.next(value);
    }
    return result.value;
  });
}

/** The function without these steps or calls from when a step or call has given this. */
export function withoutOnce<F extends Fn>(
  fn: F,
  names: readonly string[],
  cause: string,
  isCause: (given: Returned) => boolean,
): F {
  return instead(fn, function* (...args: Args<F>) {
    const inner = fn(...(args as [Kernel, ...never[]]));
    let has = false;
    let result = inner.next();
    while (!result.done) {
      const request = result.value as Request;
      if (has && names.some((name) => isNamed(request, name))) {
        result = inner.next(0);
        continue;
      }
      const value: Returned = yield result.value;
      if (isNamed(request, cause)) has ||= isCause(value);
      result = inner.next(value);
    }
    return result.value;
  });
}

/** The function with what it returns changed. */
export function returning<F extends Fn>(fn: F, change: (returned: Returned) => Returned): F {
  return instead(fn, function* (...args: Args<F>) {
    return change(yield* fn(...(args as [Kernel, ...never[]])));
  });
}
