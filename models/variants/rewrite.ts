import type { Flow, Request, Returned } from '../../src/core/flow.js';
import { beginEdit, callable, mistake, returnedOf, shown } from '../mutations/asked.js';
import { rewritten, type ModelledFunction } from '../mutations/edit.js';
import type { Edited } from '../source.js';

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
export function replace<F extends ModelledFunction>(fn: F, label: string, by: Steps<F>): F {
  const edit = beginEdit(fn, label, '');
  callable('has the steps that come instead', by);
  return rewritten(fn, [edit], function* (_edit, _request, args) {
    edit.hasEffect = true;
    return returnedOf(edit, yield* steps(edit, by(...args)));
  });
}

/** The function with more steps before one. */
export function before<F extends ModelledFunction>(fn: F, label: string, more: Steps<F>): F {
  const edit = moreSteps(fn, label, 'before', more);
  return rewritten(fn, [edit], function* (_, request, args) {
    yield* counted(edit, more(...args));
    return yield request;
  });
}

/** The function with more steps after one. */
export function after<F extends ModelledFunction>(fn: F, label: string, more: Steps<F>): F {
  const edit = moreSteps(fn, label, 'after', more);
  return rewritten(fn, [edit], function* (_, request, args) {
    const given: Returned = yield request;
    yield* counted(edit, more(...args));
    return given;
  });
}

function moreSteps(fn: unknown, label: string, where: string, more: unknown): Edited {
  callable('has more steps', more);
  return beginEdit(fn, label, `what comes ${where} '${label}' has no steps`);
}

/** Who has no steps does nothing. */
function* counted(edit: Edited, more: Flow<Returned>): Flow<Returned> {
  const inner = steps(edit, more);
  let result = inner.next();
  while (!result.done) {
    edit.hasEffect = true;
    result = inner.next(yield result.value as Request);
  }
  return result.value;
}

/** @throws EngineError where there are none */
function steps(edit: Edited, more: Flow<Returned>): Flow<Returned> {
  if (typeof more?.next !== 'function')
    throw mistake(edit, `expected steps, as function* has them, got ${shown(more)}`);
  return more;
}
