import { EngineError, InputError } from '../../src/core/errors.js';
import type { Returned } from '../../src/core/flow.js';
import type { Edited, KernelFunction } from '../source.js';

/**
 * A change of a function, as it is asked for.
 * @param label undefined = of its arguments
 * @param idle what is so where it has no effect
 * @throws InputError for what is no function, or no label
 */
export function beginEdit(fn: unknown, label: string | undefined, idle: string): Edited {
  if (typeof fn !== 'function' || !(fn as Partial<KernelFunction>).source)
    throw new InputError(
      `expected a function of the base first, such as base.kvm_gmem_bind, got ${shown(fn)}`,
    );
  if (label !== undefined && (typeof label !== 'string' || label.trim() === ''))
    throw new InputError(
      `expected what a step's label begins with, or the name of a call, got '${shown(label)}'`,
    );
  return { label, isReached: false, hasEffect: false, idle, made: new Error(label) };
}

/** What is wrong with a change as it is made, told with the place where it was asked for. */
export const mistake = ({ made }: Edited, text: string): EngineError =>
  new EngineError(text, { cause: made });

/** The steps that are named. @throws InputError */
export function listed(names: readonly string[]): readonly string[] {
  if (!Array.isArray(names) || names.length === 0)
    throw new InputError("expected a list of the steps that are left out, ['label', ...]");
  return names;
}

/** A function that was given. @throws InputError */
export function callable(what: string, fn: unknown): void {
  if (typeof fn !== 'function')
    throw new InputError(`expected a function that ${what}, got ${shown(fn)}`);
}

/** What a step or a call may give. @throws EngineError */
export function returnedOf(edit: Edited, value: Returned): Returned {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value ?? 0];
  if (!parts.every((part) => Number.isInteger(part) || typeof part === 'boolean'))
    throw mistake(edit, `expected an integer, a truth value or a list of integers, got ${value}`);
  return value;
}

/**
 * The arguments that a function is called with instead of these.
 * @throws EngineError where it cannot be
 */
export function argumentsOf(
  edit: Edited,
  { length }: { readonly length: number },
  args: readonly unknown[],
  others: readonly unknown[],
): readonly unknown[] {
  const form = 'given(f, (k, ...args) => [k, ...args])';
  if (!Array.isArray(others))
    throw mistake(edit, `expected a list of arguments, as in ${form}, got ${shown(others)}`);
  if (others[0] !== args[0])
    throw mistake(edit, `expected the kernel as the first argument, as in ${form}`);
  // The last one may be optional, which only its type says.
  const least = Math.min(length - 1, args.length);
  if (others.length < least)
    throw mistake(edit, `expected ${length} arguments with the kernel, got ${others.length}`);
  others.slice(1).forEach((other, n) => {
    const i = n + 1;
    const [was, is] = [sortOf(args[i]), sortOf(other)];
    if (was !== is && was !== NONE && is !== NONE)
      throw mistake(edit, `argument ${i}: expected ${was}, got ${is}`);
  });
  return others;
}

const NONE = 'undefined';

export const shown = (value: unknown): string => (value === undefined ? 'nothing' : String(value));

/** Of structures there are views only, which nobody may look into here. */
function sortOf(argument: unknown): string {
  if (typeof argument === 'number')
    return Number.isFinite(argument) ? 'a number' : String(argument);
  if (typeof argument === 'boolean') return 'a truth value';
  return typeof argument === 'object' ? 'a structure' : typeof argument;
}
