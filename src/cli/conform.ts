import { compareSequence } from '../conform/compare.js';
import { protocolFor } from '../conform/kernels.js';
import { readRecording } from '../conform/read.js';
import { summarize, summaryText } from '../conform/summary.js';
import { OK, UNDECIDED, UNEXPECTED, type Out } from './options.js';

export interface ConformArguments {
  readonly kernel?: string;
  readonly protocol?: string;
  readonly json?: boolean;
}

/**
 * `gmemcheck conform`: recorded behaviour of a real kernel against the model.
 * @returns the exit status. @throws InputError
 */
export async function runConform(
  files: readonly string[],
  args: ConformArguments,
  out: Out,
): Promise<number> {
  const { protocol, reference } = await protocolFor(args.kernel, args.protocol);
  const sequences = files.flatMap(readRecording);
  const summary = summarize(
    reference,
    sequences.map((sequence) => compareSequence(sequence, protocol)),
  );
  out(args.json ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary));
  if (summary.differ > 0) return UNEXPECTED;
  return summary.outside > 0 ? UNDECIDED : OK;
}
