import { InputError, type Returned } from '../../src/core/index.js';
import type { Litmus, Value } from '../../src/litmus/ast.js';
import { at } from '../../src/litmus/parse.js';
import type { WrittenChange } from '../changes.js';

const MAX_CHANGES = 16;

/** Reads `with { ... }`. Whether there are such steps is found out when they are run. */
export function readChanges({ changes }: Litmus, file: string): readonly WrittenChange[] {
  const change = changes[MAX_CHANGES];
  if (change) throw new InputError(`${at(file, change.at)}: more than ${MAX_CHANGES} changes`);
  return changes.map(({ does, fn, labels, gives, text, at: position }) => ({
    does,
    fn: fn?.text,
    labels: labels.map((l) => l.text),
    gives: given(gives, file),
    text,
    where: at(file, position),
  }));
}

function given(values: readonly Value[], file: string): Returned {
  const numbers = values.map((value) => {
    const word = ['false', 'true'].indexOf(value.text);
    const number = value.number ?? (word < 0 ? undefined : word);
    if (number === undefined || Math.abs(number) > 1000)
      throw new InputError(
        `${at(file, value.at)}: expected a small number, an error such as -EAGAIN, true or false, ` +
          `got '${value.text}'`,
      );
    return number;
  });
  return numbers.length > 1 ? numbers : (numbers[0] ?? 0);
}
