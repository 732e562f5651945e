import { availableParallelism } from 'node:os';
import { mutations } from '../../models/mutations/index.js';
import { runCampaign } from '../campaign/campaign.js';
import type { Job } from '../campaign/job.js';
import { isCaught, tableLines, type Tried } from '../check/mutations/table.js';
import { mutantsOf, nameOf, type Mutant } from '../check/mutations/tried.js';
import { InputError } from '../core/errors.js';
import { nearest } from '../nearest.js';
import type { Progress, Terminal } from './progress/progress.js';
import { OK, UNEXPECTED, type Out } from './options.js';

export interface MutationsArguments {
  readonly json?: boolean;
  readonly maxStates: number;
  readonly workers?: number;
  readonly progress?: boolean;
}

/** `gmemcheck mutations`. @returns the exit status. @throws InputError */
export async function runMutations(
  ids: readonly string[],
  args: MutationsArguments,
  out: Out,
  terminal?: Terminal,
): Promise<number> {
  const chosen = named(ids);
  const mutants = chosen.flatMap(mutantsOf);
  const progress = await progressOn(terminal, mutants, args);
  try {
    const tried = await tryAll(mutants, args, progress);
    const print = progress ? progress.above(out) : out;
    const lines = tableLines(chosen, tried).slice(1);
    print(args.json ? `${JSON.stringify(tried.map(entry), null, 2)}\n` : `${lines.join('\n')}\n`);
    return tried.every(isCaught) ? OK : UNEXPECTED;
  } finally {
    progress?.close();
  }
}

function named(ids: readonly string[]): typeof mutations {
  const known = mutations.map((m) => m.id);
  for (const id of ids)
    if (!known.includes(id))
      throw new InputError(
        `no mutation '${id}'${nearest(id, known)}; expected one of those that 'gmemcheck mutations' prints`,
      );
  return ids.length === 0 ? mutations : mutations.filter((m) => ids.includes(m.id));
}

async function progressOn(
  terminal: Terminal | undefined,
  mutants: readonly Mutant[],
  args: MutationsArguments,
): Promise<Progress | undefined> {
  if (!terminal || args.progress === false || mutants.length === 0) return undefined;
  const { Progress } = await import('./progress/progress.js');
  const labels = mutants.map((m) => `${m.test.name}  ${nameOf(m)}`);
  return new Progress(terminal, labels, { runs: 0, maxStates: args.maxStates });
}

async function tryAll(
  mutants: readonly Mutant[],
  { workers = availableParallelism(), maxStates }: MutationsArguments,
  progress: Progress | undefined,
): Promise<Tried[]> {
  const options = {
    strategy: 'exhaustive',
    maxStates,
    runs: 0,
    seed: 0,
    memory: undefined,
  } as const;
  const jobs = mutants.map((mutant): Job => ({
    text: mutant.test.text,
    file: mutant.test.file,
    protocol: nameOf(mutant),
    options,
    form: { brief: true, flat: false },
    maySkip: false,
    coverage: 'none',
  }));
  const tried: Tried[] = [];
  await runCampaign(jobs, workers, {
    onAnswer: ({ result }) => void tried.push({ mutant: mutants[tried.length]!, result: result! }),
    progress,
  });
  return tried;
}

/** The field names are a contract. */
function entry(tried: Tried): object {
  const { mutant, result } = tried;
  return {
    id: mutant.mutation.id,
    protocol: mutant.version,
    change: mutant.mutation.why,
    test: mutant.test.name,
    expects: mutant.property,
    caught: isCaught(tried),
    property: result.property,
    steps: result.steps,
    states: result.states,
    token: result.token,
  };
}
