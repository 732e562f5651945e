import { InputError } from '../../src/core/index.js';
import type { OperationText } from '../../src/litmus/ast.js';
import { at } from '../../src/litmus/parse.js';
import { nearest } from '../../src/nearest.js';
import type { Call } from '../operations.js';

/** Sizes that ranges and words of a test must fit. */
export interface Limits {
  readonly gfns: number;
  readonly pages: number;
  readonly files: number;
  readonly slots: number;
}

/** `after` must name an operation of another column, tgkill() a column. @throws InputError pointing at it. */
export function checkAfter(
  call: Call,
  op: OperationText,
  file: string,
  columns: readonly { readonly name: string; readonly calls: readonly Call[] }[],
): void {
  if (call.op === 'tgkill' && !columns.some((c) => c.name === call.column))
    throw new InputError(
      `${at(file, op.at)}: '${op.text}': no column '${call.column}'${nearest(
        call.column,
        columns.map((c) => c.name),
      )}`,
    );
  if (call.op !== 'after') return;
  const column = columns.find((c) => c.name === call.column);
  if (column?.calls[call.operation] && !column.calls.includes(call)) return;
  throw new InputError(
    `${at(file, op.at)}: '${op.text}': expected COLUMN:rN with an operation N of another column`,
  );
}

/** Ranges must lie where there is something. @throws InputError pointing at it. */
export function checkRange(call: Call, op: OperationText, file: string, limits: Limits): void {
  const past = (what: string, end: number, most: number): void => {
    if (end > most)
      throw new InputError(
        `${at(file, op.at)}: '${op.text}' reaches ${what} ${end - 1}, the last is ${most - 1}`,
      );
  };
  if ('gfn' in call) past('gfn', call.gfn + ('npages' in call ? call.npages : 1), limits.gfns);
  if ('userspace_addr' in call) past('hva', call.userspace_addr! + call.npages, limits.gfns);
  if ('index' in call) past('page', call.index + 1, limits.pages);
  if ('file' in call && call.file !== undefined) past('gmem', call.file + 1, limits.files);
  if ('slot' in call) past('slot', call.slot + 1, limits.slots);
}
