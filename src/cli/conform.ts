import { mistakes } from '../../models/mutations/recorded/index.js';
import { catchOf, catchText, type Tried } from '../conform/catches.js';
import { compareSequence } from '../conform/compare.js';
import { protocolFor } from '../conform/kernels.js';
import { readRecording, type Sequence } from '../conform/read.js';
import { summarize, summaryText } from '../conform/summary.js';
import { InputError } from '../core/errors.js';
import { OK, UNDECIDED, UNEXPECTED, type Out } from './options.js';

export interface ConformArguments {
  readonly kernel?: string;
  readonly protocol?: string;
  readonly json?: boolean;
  readonly mutations?: boolean;
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
  if (args.mutations) return tellMistakes(sequences, reference, args, out);
  const summary = summarize(
    reference,
    sequences.map((sequence) => compareSequence(sequence, protocol)),
  );
  out(args.json ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary));
  if (summary.differ > 0) return UNEXPECTED;
  return summary.outside > 0 ? UNDECIDED : OK;
}

/** `--mutations`: which sequence tells which change of the model. */
function tellMistakes(
  sequences: readonly Sequence[],
  reference: string,
  { json }: ConformArguments,
  out: Out,
): number {
  const own = mistakes.filter((m) => m.base === reference);
  if (own.length === 0)
    throw new InputError(
      `no changes of protocol ${reference} to tell: expected ${basesOfMistakes.join(' or ')}`,
    );
  const tried: Tried[] = [];
  for (const mistake of own) {
    const one = { mistake, caught: catchOf(mistake, sequences) };
    tried.push(one);
    if (!json) out(catchText(one));
  }
  const count = tried.filter((t) => t.caught).length;
  if (json) out(`${JSON.stringify(tried.map(asEntry), null, 2)}\n`);
  else out(`${count} of ${tried.length} changes of protocol ${reference} are caught\n`);
  return count === tried.length ? OK : UNEXPECTED;
}

const basesOfMistakes = [...new Set(mistakes.map((m) => m.base))];

/** The field names are a contract. */
const asEntry = ({ mistake: { id, base, why }, caught }: Tried): object => ({
  id,
  protocol: base,
  change: why,
  caught: caught ?? null,
});
