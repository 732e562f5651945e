import type { Protocol } from '../../models/protocol.js';
import { Follower } from './follow.js';
import { planSequence } from './plan.js';
import { fieldsOf, type Field } from './predict.js';
import { parseRecording } from './read.js';

/** A line of a recording, as JSON has it. */
type Written = Record<string, unknown>;

/**
 * A sequence of operations as the recording that a kernel of this version would have made of
 * it, as the model has it: `gmemcheck conform` agrees with it, and a recorder on a real kernel
 * can be asked for the same. What has a result in it already is given the model's.
 * @throws InputError for what is no sequence of operations
 */
export function asRecording(text: string, protocol: Protocol): string {
  let lines = text.split('\n');
  // What one operation returned tells what handles the next ones have.
  for (;;) {
    const next = filled(lines, protocol);
    if (next.every((line, i) => line === lines[i])) return lines.join('\n');
    lines = next;
  }
}

function filled(lines: readonly string[], protocol: Protocol): string[] {
  const written = lines.map((line): Written => JSON.parse(line) as Written);
  for (const sequence of parseRecording(lines.join('\n'), 'sequence')) {
    const plan = planSequence(sequence, protocol);
    const follower = new Follower(plan, protocol);
    for (const planned of plan.operations) {
      const { outcome, look } = follower.follow(planned);
      const line = written[planned.line.number - 1]!;
      for (const field of fieldsOf(plan, planned, outcome, look)) fill(line, field);
    }
  }
  return written.map((line) => JSON.stringify(line));
}

/** Puts what the model says into its place: `ret`, `mf.flags`, `st.g[0].pop`. */
function fill(line: Written, { name, model }: Field): void {
  const handle = /^st\.g\[(\d+)\](?:\.(\w+))?$/.exec(name);
  if (handle) return fillHandle(line, Number(handle[1]), handle[2], model);
  const [first, second] = name.split('.') as [string, string?];
  if (second === undefined) set(line, first, model);
  else if (model !== null) set((line[first] ??= { ...WHOLE[first] }) as Written, second, model);
  else delete line[first];
}

/** What a recorder writes beside the fields that are compared. */
const WHOLE: Readonly<Record<string, Written>> = { mmio: { len: 4 } };

function fillHandle(line: Written, handle: number, part: string | undefined, model: unknown): void {
  const { g } = line['st'] as { g: (Written | null)[] };
  if (part === undefined)
    g[handle] = model === null ? null : { size: 0, pop: '0'.repeat(PAGES), pop_beyond: 0 };
  else set(g[handle]!, part, model);
}

/** Pages of which a recorder says one by one whether they are there. */
const PAGES = 8;

/** Errors are null where there are none; what else is null is not there. */
function set(line: Written, name: string, value: unknown): void {
  if (value === null && name !== 'errno') delete line[name];
  else line[name] = value;
}
