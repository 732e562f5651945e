import { availableParallelism } from 'node:os';
import { runCampaign } from '../campaign/campaign.js';
import type { Job } from '../campaign/job.js';
import { VERDICTS } from '../../models/claims/claim.js';
import { distinctPairs, findClaims, keyOf, type Pair } from '../check/claims/asked.js';
import { decide, type Decided } from '../check/claims/decide.js';
import { claimJson } from '../check/claims/json.js';
import { claimLines, runLines } from '../check/claims/text.js';
import { defaultMemory } from '../check/limits.js';
import type { CheckResult } from '../report/result.js';
import { counted } from '../explore/counted.js';
import type { Progress, Terminal } from './progress/progress.js';
import { say } from './say.js';
import { OK, UNDECIDED, UNEXPECTED, type Out } from './options.js';

export interface ClaimsArguments {
  readonly json?: boolean;
  /** The run of each claim as a diagram; for a single claim in any case. */
  readonly verbose?: boolean;
  readonly maxStates: number;
  readonly workers?: number;
  readonly progress?: boolean;
}

/** `gmemcheck claims`. @returns the exit status. @throws InputError */
export async function runClaims(
  ids: readonly string[],
  args: ClaimsArguments,
  out: Out,
  err: Out,
  terminal?: Terminal,
): Promise<number> {
  const claims = findClaims(ids);
  const pairs = distinctPairs(claims);
  const progress = await progressOn(terminal, pairs, args);
  try {
    const found = await search(pairs, args, err, progress);
    const decided = claims.map((claim) => decide(claim, found.results));
    const isVerbose = args.verbose === true || claims.length === 1;
    const print = progress ? progress.above(out) : out;
    if (args.json) print(`${JSON.stringify(decided.map(claimJson), null, 2)}\n`);
    else print(textOf(decided, isVerbose ? found.texts : undefined));
    return statusOf(decided);
  } finally {
    progress?.close();
  }
}

async function progressOn(
  terminal: Terminal | undefined,
  pairs: readonly Pair[],
  args: ClaimsArguments,
): Promise<Progress | undefined> {
  if (!terminal || args.progress === false || pairs.length === 0) return undefined;
  const { Progress } = await import('./progress/progress.js');
  const labels = pairs.map((p) => `${p.test.name}  ${p.protocol}`);
  return new Progress(terminal, labels, { runs: 0, maxStates: args.maxStates });
}

interface Searched {
  readonly results: ReadonlyMap<string, CheckResult>;
  /** The reports, by the same keys. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Each test under each protocol that some claim needs, once. */
async function search(
  pairs: readonly Pair[],
  args: ClaimsArguments,
  err: Out,
  progress: Progress | undefined,
): Promise<Searched> {
  const results = new Map<string, CheckResult>();
  const texts = new Map<string, string>();
  const workers = args.workers ?? availableParallelism();
  const besides = progress ? progress.above(err) : err;
  await runCampaign(jobsOf(pairs, args, workers), workers, {
    onAnswer: ({ result, text }) => {
      const key = keyOf(result!.test, result!.protocol);
      results.set(key, result!);
      texts.set(key, text);
    },
    onWarning: (text) => say(besides, `gmemcheck: ${text}`),
    progress,
  });
  return { results, texts };
}

function jobsOf(pairs: readonly Pair[], args: ClaimsArguments, workers: number): Job[] {
  const options = {
    strategy: 'exhaustive',
    maxStates: args.maxStates,
    maxMemory: defaultMemory(),
    sharers: Math.max(1, Math.min(workers, pairs.length)),
    runs: 0,
    seed: 0,
    memory: undefined,
  } as const;
  return pairs.map(({ test, protocol }) => ({
    text: test.text,
    file: test.file,
    protocol,
    options,
    form: { brief: false, flat: false },
    maySkip: false,
    coverage: 'none',
  }));
}

function textOf(decided: readonly Decided[], texts: Searched['texts'] | undefined): string {
  const parts = decided.map((each) => {
    const { run } = each;
    const report = run && texts?.get(keyOf(run.test, run.protocol))?.trimEnd();
    const lines = report ? ['', report] : runLines(each);
    return `${[...claimLines(each), ...lines].join('\n')}\n\n`;
  });
  return `${parts.join('')}${summary(decided)}\n`;
}

/** What is open is neither what is on record nor against it. */
const isNews = (d: Decided): boolean => !d.isOnRecord && d.verdict !== 'undecided';

/** How many of each verdict, and whether any is news. */
function summary(decided: readonly Decided[]): string {
  const there = VERDICTS.filter((v) => decided.some((d) => d.verdict === v));
  const counts = there.map((v) => `${decided.filter((d) => d.verdict === v).length} ${v}`);
  const changed = decided.filter(isNews).length;
  const news = changed > 0 ? `; ${changed} NOT as on record` : '';
  return `${counted(decided.length, 'claim')}: ${counts.join(', ')}${news}`;
}

function statusOf(decided: readonly Decided[]): number {
  if (decided.some(isNews)) return UNEXPECTED;
  return decided.some((d) => d.verdict === 'undecided') ? UNDECIDED : OK;
}
