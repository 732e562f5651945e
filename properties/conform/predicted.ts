import { P9 } from '../../models/protocols/P9.js';
import { v6_12 } from '../../models/protocols/v6_12.js';
import type { Protocol } from '../../models/protocol.js';
import { Follower } from '../../src/conform/follow.js';
import { planSequence } from '../../src/conform/plan.js';
import { fieldsOf, type FieldValue } from '../../src/conform/predict.js';
import { parseRecording } from '../../src/conform/read.js';

/** What the model says of one operation, field by field. */
export type Predicted = Readonly<Record<string, FieldValue>>;

const PROTOCOLS: Readonly<Record<string, Protocol>> = { '6.12': v6_12, '7.3': P9 };
const ST = { g: [null, null], pages_4k: 0, pf_taken: 0, pf_fixed: 0, pf_spurious: 0 };
const NOTHING = { ret: 0, errno: null, st: ST, got: 0, exit: 'IO', run_exit: 'UNTOUCHED' };

/** Runs the model through a recording, whatever results that has; what stops it is thrown. */
export function predictedOf(text: string, protocol: Protocol): Predicted[] {
  const [sequence] = parseRecording(text, 'r');
  const plan = planSequence(sequence!, protocol);
  if (plan.outside) throw new Error(plan.outside.why);
  const follower = new Follower(plan, protocol);
  return plan.operations.map((planned) => {
    const { outcome, look } = follower.follow(planned);
    const fields = fieldsOf(plan, planned, outcome, look);
    return Object.fromEntries(fields.map(({ name, model }) => [name, model]));
  });
}

/** What the model says of operations that nobody has recorded, by their arguments. */
export function predicted(
  kernel: '6.12' | '7.3',
  operations: readonly { readonly op: string; readonly [argument: string]: unknown }[],
  vmType: 0 | 1 = 1,
): Predicted[] {
  const vm = { op: 'vm', i: -1, vm_type: vmType, page: 4096, N: 8 };
  const lines = operations.map((op, i) => ({ ...NOTHING, out: { gpa: 0, size: 0 }, i, ...op }));
  const text = [vm, ...lines].map((l) => JSON.stringify({ seq: 1, ...l })).join('\n');
  return predictedOf(text, PROTOCOLS[kernel]!);
}
