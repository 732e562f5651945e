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
