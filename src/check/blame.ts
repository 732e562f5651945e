import { resolve } from 'node:path';
import type { Protocol } from '../../models/protocol.js';
import { functionsAt, InputError } from '../core/errors.js';
import { readTextFile } from './tests.js';

/** A file that was run as code. */
interface Blamed {
  /** As it was named. */
  readonly shown: string;
  /** Functions that are others for it, once that is known. */
  changes: Protocol['changes'];
}

/** By the path that stacks have for them. */
const files = new Map<string, Blamed>();

/** Frames of a stack: a variant's function may stand below several of the model's. */
const DEEP = 40;

/** Most bytes of a file that is run as code. */
export const LONGEST = 1024 * 1024;

/** What other commands have run is not to blame any more. */
export const blameNobody = (): void => files.clear();

/** From here on what is thrown below this file's code is told as a mistake in it. */
export function blameFile(shown: string): void {
  files.set(resolve(shown), { shown, changes: {} });
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, DEEP);
}

/** And so is what is thrown by a function that it has changed, or by one that that calls. */
export function blameChanges(shown: string, { changes }: Protocol): void {
  files.get(resolve(shown))!.changes = changes;
}

/** The same error, or, where a file of the user's is to blame, one with the place in it. */
export function ofUsersCode(error: unknown): unknown {
  if (!(error instanceof Error)) return files.size > 0 ? thrownNoError(error) : error;
  const place = placeIn(error);
  if (place) return new InputError(`${place}: ${messageOf(error)}`);
  const [file] = files.values();
  if (error instanceof InputError || !file) return error;
  const found = changed(error, functionsAt(error));
  return found ?? new InputError(`${placeOfAll(file)}: ${messageOf(error)}`);
}

/** Told of the changed function that was under way, or has just returned. */
function changed(error: Error, names: readonly string[]): InputError | undefined {
  const [running] = names;
  for (const { shown, changes } of files.values()) {
    const fn = names.find((name) => Object.hasOwn(changes, name));
    if (fn === undefined) continue;
    const message = messageOf(error);
    const whose = message.includes(fn) ? '' : `${fn}(): `;
    const isSaid = running === undefined || running === fn || message.includes(running);
    const where = isSaid ? '' : `, in ${running}()`;
    return new InputError(`${lineOf(shown, fn)}: ${whose}${message}${where}`);
  }
  return undefined;
}

/** Where a file changes one function only, it is that. */
function placeOfAll({ shown, changes }: Blamed): string {
  const names = Object.keys(changes);
  return names.length === 1 ? lineOf(shown, names[0]!) : shown;
}

/** `throw 3`: JavaScript does not say where. */
function thrownNoError(thrown: unknown): InputError {
  const [{ shown }] = files.values() as unknown as [Blamed];
  return new InputError(`${shown}: something throws ${String(thrown)}, which is no error`);
}

/** What jiti has to say of a file's syntax has the place in its second line. */
export function loadingError(error: unknown, shown: string): InputError {
  if (!(error instanceof Error)) return thrownNoError(error);
  const place = placeIn(error);
  if (error instanceof InputError) return new InputError(`${place ?? shown}: ${error.message}`);
  const { message } = error;
  const [text = ''] = asWritten(message).split('\n');
  const [, line, column] =
    new RegExp(`${literal(resolve(shown))}:(\\d+):(\\d+)`).exec(message) ?? [];
  if (line !== undefined)
    return new InputError(`${shown}:${line}:${Number(column) + 1}: ${text.trim()}`);
  return new InputError(`${place ?? shown}: ${text.trim()}`);
}

/** The line in which a file names a function as one that it changes, or at all. */
export function lineOf(shown: string, fn: string): string {
  const lines = readTextFile(shown, LONGEST).split('\n');
  const find = (text: RegExp): number => lines.findIndex((line) => text.test(line)) + 1;
  const line =
    find(new RegExp(`^\\s*(async\\s+)?\\*?\\s*['"]?${fn}['"]?\\s*[:(,]`)) ||
    find(new RegExp(`^(?!\\s*(//|\\*|/\\*)).*\\b${fn}\\b`)) ||
    find(new RegExp(`\\b${fn}\\b`));
  return line > 0 ? `${shown}:${line}` : shown;
}

/** Lines are those of the file; columns are not: types have been taken out. The cause knows best. */
export function placeIn({ stack = '', cause }: Error): string | undefined {
  const first = cause instanceof Error ? placeIn(cause) : undefined;
  if (first) return first;
  // The message may name a file, too.
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  for (const line of frames)
    for (const [path, { shown }] of files) {
      const [, at] = new RegExp(`${literal(path)}:(\\d+):\\d+`).exec(line) ?? [];
      if (at !== undefined) return `${shown}:${at}`;
    }
  return undefined;
}

const messageOf = ({ name, message }: Error): string =>
  ['Error', 'EngineError', 'InputError'].includes(name)
    ? message
    : `${name}: ${asWritten(message)}`;

/** As the file has it: `import` is no name there. */
const asWritten = (text: string): string =>
  text.replace(/\(0 , _gmemcheck\d*\.([\w.]+)\)/g, '$1').replace(/\b_gmemcheck\d*\./g, '');

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
