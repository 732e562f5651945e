import { InputError, type Flow, type Resource, type Returned } from '../src/core/index.js';
import type { Request } from '../src/core/flow.js';
import { isLabelled } from '../src/core/observer.js';
import { resourcesOf } from '../src/core/automaton.js';
import { nearest } from '../src/nearest.js';
import type { Kernel } from './kernel.js';
import { instead } from './mutations/edit.js';
import { protocol, type Protocol } from './protocol.js';
import type { KernelFunction } from './source.js';

/** A difference that a test makes to whatever protocol it runs under. */
export interface Change {
  readonly does: 'drop' | 'skip' | 'swap' | 'move';
  readonly fn: string;
  /** What the labels of steps begin with, or names of calls. */
  readonly labels: readonly string[];
  /** What comes of what is dropped or skipped. */
  readonly gives: Returned;
  readonly text: string;
  /** file:line:column */
  readonly where: string;
}

/** As it is written: the function may be left to be found. */
export type WrittenChange = Omit<Change, 'fn'> & { readonly fn: string | undefined };

/** A change, and whether anybody has come to it so far. */
export interface Made {
  readonly change: Change;
  isReached: boolean;
}

/** A protocol with changes. @throws InputError where it has no such function */
export function changed(base: Protocol, changes: readonly Change[]): [Protocol, readonly Made[]] {
  const made = changes.map((change): Made => ({ change, isReached: false }));
  const functions: Record<string, KernelFunction> = {};
  for (const each of made) {
    const { fn, where } = each.change;
    if (!Object.hasOwn(base.functions, fn))
      throw new InputError(
        `${where}: ${base.id} has no function '${fn}'${nearest(fn, Object.keys(base.functions))}`,
      );
    functions[fn] = withChange(functions[fn] ?? base.functions[fn]!, each);
  }
  if (made.length === 0) return [base, made];
  return [
    { ...protocol(base, { id: base.id, title: base.title, functions }), base: base.base },
    made,
  ];
}

function withChange(fn: KernelFunction, made: Made): KernelFunction {
  const { does, gives } = made.change;
  if (does === 'drop') return dropping(fn, made);
  if (does !== 'skip') return postponing(fn, made);
  // eslint-disable-next-line require-yield
  return instead(fn, function* () {
    made.isReached = true;
    return gives;
  });
}

/** Is this the step whose label begins so, or the call of that name? */
function isNamed(request: Request, name: string): boolean {
  if (request.kind === 'step') return isLabelled(request.label, name);
  return request.kind === 'call' && request.name === name;
}

/** A lock that is not taken is not given up either, by the same function. */
function dropping(fn: KernelFunction, made: Made): KernelFunction {
  const [label] = made.change.labels;
  return instead(fn, function* (...args): Flow<Returned> {
    const inner = fn(...(args as [Kernel, ...never[]]));
    const untaken: Resource[] = [];
    let result = inner.next();
    while (!result.done) {
      const request = result.value as Request;
      const isDropped = isNamed(request, label!);
      if (isDropped && request.kind === 'step') untaken.push(...resourcesOf(request.acquires, 1));
      if (isDropped) made.isReached = true;
      if (isDropped || givesUp(request, untaken)) result = inner.next(made.change.gives);
      else result = inner.next(yield request);
    }
    return result.value;
  });
}

function givesUp(request: Request, untaken: Resource[]): boolean {
  if (request.kind !== 'step') return false;
  const [released] = resourcesOf(request.releases, 0);
  const at = untaken.findIndex(
    (r) => r.instance === released?.instance && r.mode === released.mode,
  );
  if (at < 0) return false;
  untaken.splice(at, 1);
  return true;
}

/** The first behind the second: behind the very next one only, where the two are swapped. */
function postponing(fn: KernelFunction, made: Made): KernelFunction {
  const { does, labels, where, text } = made.change;
  const [first, second] = labels;
  return instead(fn, function* (...args): Flow<Returned> {
    const inner = fn(...(args as [Kernel, ...never[]]));
    let held: Request | undefined;
    let result = inner.next();
    for (;;) {
      const request = result.done ? undefined : (result.value as Request);
      const isMet = request !== undefined && isNamed(request, second!);
      const isLate = !request || request.kind === 'again' || isMet || does === 'swap';
      if (held && isMet) made.isReached = true;
      const value: Returned = isMet ? yield request : 0;
      if (held && isLate) {
        const given: Returned = yield held;
        if (given && given !== 0)
          throw new InputError(
            `${where}: '${text}': '${first}' gives a value that is needed at once`,
          );
        held = undefined;
      }
      if (!request) return (result as IteratorReturnResult<Returned>).value;
      if (isMet) result = inner.next(value);
      else if (isNamed(request, first!)) {
        held = request;
        result = inner.next(0);
      } else result = inner.next(yield request);
    }
  });
}
