import type { ArgumentChecks } from '../../models/arguments.js';
import type { Protocol } from '../../models/protocol.js';
import { EngineError } from '../core/errors.js';
import { Follower } from './follow.js';
import { planSequence, type Planned } from './plan.js';
import { fieldsOf, type Field, type FieldValue } from './predict.js';
import type { Sequence } from './read.js';

/** Where a recording and the model first part. */
export interface Difference {
  readonly line: number;
  readonly operation: number;
  readonly op: string;
  readonly field: string;
  /** What the kernel did, as recorded. */
  readonly expected: FieldValue;
  /** What the model did. */
  readonly got: FieldValue;
}

/** The comparison of one sequence. */
export interface Compared {
  readonly file: string;
  readonly sequence: number;
  /** Operations that were compared, the differing one included. */
  readonly operations: number;
  readonly difference: Difference | null;
  /** Why the rest was not compared: something the model has not got. */
  readonly outside: { readonly line: number; readonly why: string } | null;
}

/** Drives the model through a sequence up to the first difference. @throws InputError */
export function compareSequence(
  sequence: Sequence,
  protocol: Protocol,
  checks?: ArgumentChecks,
): Compared {
  const plan = planSequence(sequence, protocol, checks);
  const follower = new Follower(plan, protocol);
  let operations = 0;
  let difference: Difference | null = null;
  for (const planned of plan.operations) {
    operations++;
    difference = differenceAt(planned, () => {
      const { outcome, look } = follower.follow(planned);
      return fieldsOf(plan, planned, outcome, look);
    });
    if (difference) break;
  }
  const outside =
    plan.outside && !difference ? { line: plan.outside.line.number, why: plan.outside.why } : null;
  return { file: sequence.file, sequence: sequence.seq, operations, difference, outside };
}

function differenceAt(planned: Planned, fields: () => Field[]): Difference | null {
  const { number: line, op } = planned.line;
  const where = { line, operation: op.i, op: op.op };
  try {
    const found = fields().find((f) => f.recorded !== f.model);
    return found
      ? { ...where, field: found.name, expected: found.recorded, got: found.model }
      : null;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { ...where, field: 'end', expected: 'returned', got: error.message };
  }
}
