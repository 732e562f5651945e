/**
 * A mistake in a model or in the engine itself, never a property violation: a
 * store outside a cell's range, memory touched between steps, a lock released
 * by somebody else. A search that meets one has no verdict.
 */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/** Input from a user that cannot be used: printed as one line, exit status 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Names of the functions that were under way as an error was thrown, the innermost first. */
const functions = new WeakMap<object, readonly string[]>();

/** Notes where an error was thrown, unless somebody who was nearer to it has. */
export function noteFunctions(error: unknown, names: readonly string[]): void {
  if (error instanceof Error && functionsAt(error).length === 0) functions.set(error, names);
}

/** What was noted, of the error or of what caused it. */
export function functionsAt(error: Error): readonly string[] {
  const noted = functions.get(error);
  if (noted) return noted;
  return error.cause instanceof Error ? functionsAt(error.cause) : [];
}
