import type { Flow, Request, Returned } from '../../src/core/flow.js';
import type { Kernel } from '../kernel.js';
import { instead, isNamed, type ModelledFunction } from '../mutations/edit.js';

/** Steps that stand where one was, or beside it; they are given what the function is. */
type Steps<F extends ModelledFunction> = (...args: Parameters<F>) => Flow<Returned>;

/**
 * The function with other steps where one was: a lock in another mode, a check done
 * otherwise. What they return is what the step would have given.
 *
 *     replace(f.kvm_gmem_bind, 'filemap_invalidate_lock(', (k, inode) =>
 *       filemap_invalidate_lock_shared(inode))
 *
 * @param label what the step's label begins with, or the name of a call
 */
export const replace = <F extends ModelledFunction>(fn: F, label: string, by: Steps<F>): F =>
  rewritten(fn, label, function* (_, args) {
    return yield* by(...args);
  });

/** The function with more steps before one. */
export const before = <F extends ModelledFunction>(fn: F, label: string, more: Steps<F>): F =>
  rewritten(fn, label, function* (request, args) {
    yield* more(...args);
    return yield request;
  });

/** The function with more steps after one. */
export const after = <F extends ModelledFunction>(fn: F, label: string, more: Steps<F>): F =>
  rewritten(fn, label, function* (request, args) {
    const given: Returned = yield request;
    yield* more(...args);
    return given;
  });

/** Runs a function's own generator, and something else for one of its requests. */
function rewritten<F extends ModelledFunction>(
  fn: F,
  label: string,
  other: (request: Request, args: Parameters<F>) => Flow<Returned>,
): F {
  const edit = { label, isReached: false };
  return instead(
    fn,
    function* (...args) {
      const inner = fn(...(args as [Kernel, ...never[]]));
      let result = inner.next();
      while (!result.done) {
        const request = result.value as Request;
        const isMeant = isNamed(request, label);
        edit.isReached ||= isMeant;
        const given: Returned = isMeant ? yield* other(request, args) : yield request;
        result = inner.next(given);
      }
      return result.value;
    },
    [edit],
  );
}
