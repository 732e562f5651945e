import type { TraceStep } from '../core/trace.js';
import { resultName } from '../errno.js';
import type { Moment } from './moments.js';

/** Names for values that only the model can name; undefined leaves it to the report. */
export interface ValueNames {
  /** What a step observed: `folio3`, `RET_PF_RETRY`. An empty text hides it. */
  readonly observed?: (step: TraceStep) => string | undefined;
  /** A field of what an operation returned. */
  readonly result?: (actor: number, field: string, value: number) => string | undefined;
}

/** The comments of a step: the outcome the environment chose, the value, a retry. */
export function remarksOn(step: TraceStep, moment: Moment, names: ValueNames): string[] {
  const value = names.observed?.(step) ?? observedName(step, moment);
  return [step.option, value, step.retried ? 'retry' : ''].filter(Boolean);
}

function observedName(step: TraceStep, { gives, isChoice, sort }: Moment): string {
  // The name of an outcome, or its being the default one, says it already.
  if (gives === 'nothing' || isChoice) return '';
  if (gives === 'truth') return step.observed ? 'true' : 'false';
  return `= ${integerName(step.observed, sort)}`;
}

/** Models use -1 for "none" far more often than KVM returns -EPERM in between. */
function integerName(value: number, sort: string | undefined): string {
  if (value === -1) return sort === undefined ? '-1' : 'none';
  if (value < 0) return resultName(value);
  return sort === undefined ? String(value) : `${sort}${value}`;
}

/** `= 0`, `= -EAGAIN`, `= -EINTR, left = 1`: how an operation ended. */
export function resultText(
  actor: number,
  fields: readonly string[],
  values: readonly number[],
  names: ValueNames,
): string {
  return fields
    .map((field, i) => {
      const value = values[i] ?? 0;
      const name = names.result?.(actor, field, value) ?? resultName(value);
      return i === 0 ? `= ${name}` : `${field} = ${name}`;
    })
    .join(', ');
}
