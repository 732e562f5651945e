import { benchReport } from './report.js';
import { runRounds, type Sizes } from './run.js';
import { subject } from './subject.js';

const SIZES: Sizes = { walks: 100_000, first: 1_000, live: 2_000, fastCheck: 1_000 };
const REPETITIONS = 5;

/** `npm run bench`: under two minutes, one table on standard output. */
async function main(): Promise<void> {
  const measured = subject('two-faults-vs-two-punches', 'P3');
  const rounds = await runRounds(measured, SIZES, REPETITIONS, (done) => {
    if (process.stderr.isTTY) process.stderr.write(`round ${done} of ${REPETITIONS}\r`);
  });
  process.stdout.write(benchReport(measured, SIZES, rounds));
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${String((error as Error).message)}\n`);
  process.exitCode = 1;
});
