import { InputError } from '../core/errors.js';

/** Files that were run as code, as they were named, by the path that stacks have for them. */
const files = new Map<string, string>();

/** Frames of a stack: a variant's function may stand below several of the model's. */
const DEEP = 40;

/** From here on what is thrown below this file's code is told as a mistake in it. */
export function blameFile(path: string, shown: string): void {
  files.set(path, shown);
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, DEEP);
}

/** The same error, or, where a file of the user's was running, one with the place in it. */
export function ofUsersCode(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof InputError) return error;
  const [message, place] = [messageOf(error), placeIn(error)];
  return place ? new InputError(`${place}: ${message}`) : error;
}

/** What jiti has to say of a file's syntax has the place in its second line. */
export function loadingError(error: unknown, path: string, shown: string): InputError {
  if (error instanceof InputError && !placeIn(error))
    return new InputError(`${shown}: ${error.message}`);
  const { message } = error as Error;
  const [text = ''] = message.split('\n');
  const [, line, column] = new RegExp(`${literal(path)}:(\\d+):(\\d+)`).exec(message) ?? [];
  if (line !== undefined)
    return new InputError(`${shown}:${line}:${Number(column) + 1}: ${text.trim()}`);
  return new InputError(`${placeIn(error as Error) ?? shown}: ${text.trim()}`);
}

/** Lines are those of the file; columns are not: types have been taken out. */
function placeIn({ stack = '', cause }: Error): string | undefined {
  const lines = stack.split('\n');
  for (const line of lines)
    for (const [path, shown] of files) {
      const [, at] = new RegExp(`${literal(path)}:(\\d+):\\d+`).exec(line) ?? [];
      if (at !== undefined) return `${shown}:${at}`;
    }
  return cause instanceof Error ? placeIn(cause) : undefined;
}

const messageOf = (error: Error): string =>
  error.name === 'Error' || error.name === 'EngineError'
    ? error.message
    : `${error.name}: ${error.message}`;

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
