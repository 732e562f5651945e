import { availableParallelism } from 'node:os';
import type { LitmusTest } from '../../models/language/index.js';
import { runCampaign } from '../campaign/campaign.js';
import type { Job } from '../campaign/job.js';
import { canRun } from '../check/can-run.js';
import type { CheckResult } from '../check/check.js';
import { refuseIdle } from '../check/effect.js';
import { refuseMisspelled } from '../check/misspelled.js';
import type { Named } from '../check/named.js';
import { findProtocol } from '../check/protocols.js';
import { findTests } from '../check/tests.js';
import { InputError } from '../core/errors.js';
import { differs, matrixLines, type Row } from '../report/matrix.js';
import { OK, UNDECIDED, UNEXPECTED, type Out } from './options.js';
import type { Progress, Terminal } from './progress/progress.js';

export interface MatrixArguments {
  /** Tests by name or file; all unless given. */
  readonly tests?: readonly string[];
  /** Rows that agree as well. */
  readonly all?: boolean;
  readonly json?: boolean;
  readonly maxStates: number;
  readonly workers?: number;
  readonly progress?: boolean;
}

/** One test under one of the protocols. */
interface Asked {
  readonly test: LitmusTest;
  readonly column: number;
}

/**
 * `gmemcheck matrix PROTOCOL PROTOCOL...`.
 * @returns the exit status: 1 where a verdict differs, as diff(1) does. @throws InputError
 */
export async function runMatrix(
  names: readonly string[],
  args: MatrixArguments,
  out: Out,
  terminal?: Terminal,
): Promise<number> {
  if (names.length < 2) throw new InputError('matrix compares: name two protocols or more');
  const columns = await Promise.all(names.map((name) => findProtocol(name)));
  const tests = findTests(args.tests ?? []);
  const ids = columns.map((c) => c.protocol.id);
  for (const test of tests) refuseMisspelled(test, ids);
  const asked = tests.flatMap((test) =>
    columns.flatMap((c, column) => (canRun(test, c.protocol) ? [{ test, column }] : [])),
  );
  if (asked.length === 0) throw new InputError('nothing to compare: no test fits');
  for (const named of columns) refuseIdle(named, tests);
  const results = await answerAll(asked, names, columns, args, terminal);
  const rows = tests
    .map((test): Row => {
      const of = (column: number): CheckResult | undefined =>
        results[asked.findIndex((a) => a.test === test && a.column === column)];
      return { test: test.name, title: test.title, verdicts: columns.map((_, i) => of(i)) };
    })
    .filter((row) => row.verdicts.some((v) => v));
  const protocols = columns.map((c) => c.protocol);
  if (args.json) out(`${JSON.stringify(rows.map(entry), null, 2)}\n`);
  else out(`${matrixLines(protocols, names, rows, args.all ?? false).join('\n')}\n`);
  if (rows.some(differs)) return UNEXPECTED;
  return results.some((r) => r.verdict === 'undecided') ? UNDECIDED : OK;
}

async function answerAll(
  asked: readonly Asked[],
  names: readonly string[],
  columns: readonly Named[],
  args: MatrixArguments,
  terminal: Terminal | undefined,
): Promise<CheckResult[]> {
  const labels = asked.map((a) => `${a.test.name}  ${columns[a.column]!.protocol.id}`);
  const progress = await progressOn(terminal, labels, args);
  const results: CheckResult[] = [];
  const jobs = asked.map((a) => jobOf(a.test, names[a.column]!, args.maxStates));
  try {
    await runCampaign(jobs, args.workers ?? availableParallelism(), {
      onAnswer: ({ result }) => void results.push(result!),
      progress,
    });
  } finally {
    progress?.close();
  }
  return results;
}

async function progressOn(
  terminal: Terminal | undefined,
  labels: readonly string[],
  args: MatrixArguments,
): Promise<Progress | undefined> {
  if (!terminal || args.progress === false) return undefined;
  const { Progress } = await import('./progress/progress.js');
  return new Progress(terminal, labels, { runs: 0, maxStates: args.maxStates });
}

function jobOf(test: LitmusTest, protocol: string, maxStates: number): Job {
  return {
    text: test.text,
    file: test.file,
    protocol,
    options: { strategy: 'exhaustive', maxStates, runs: 0, seed: 0, memory: undefined },
    form: { brief: true, flat: false },
    maySkip: false,
    coverage: 'none',
  };
}

/** The field names are a contract. */
function entry(row: Row): object {
  return {
    test: row.test,
    differs: differs(row),
    results: row.verdicts.flatMap((v) =>
      v
        ? [
            {
              protocol: v.protocol,
              verdict: v.verdict,
              property: v.property,
              footing: v.footing,
              steps: v.steps,
              token: v.token,
            },
          ]
        : [],
    ),
  };
}
