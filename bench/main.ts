import { writeFileSync } from 'node:fs';
import { InputError } from '../src/core/index.js';
import { planOf } from './arguments.js';
import { countOf, runBench } from './bench.js';
import { Progress } from './progress.js';
import { benchReport } from './report/report.js';
import { shrinkMain } from './shrink/main.js';
import { agreement } from './spin/compare.js';

const [OK, DISAGREES, BAD_INPUT] = [0, 1, 2];

/** `npm run bench`. Exit status 1 where Spin and gmemcheck do not agree. */
async function main([first, ...rest]: readonly string[]): Promise<number> {
  if (first === 'shrink') return shrinkMain(rest);
  const plan = planOf(process.argv.slice(2), (text) => void process.stdout.write(text));
  if (!plan) return OK;
  // Before minutes are spent on it.
  if (plan.json !== undefined) write(plan.json, '');
  const results = await runBench(plan, new Progress(countOf(plan)));
  process.stdout.write(benchReport(results));
  if (plan.json !== undefined) write(plan.json, `${JSON.stringify(results, null, 2)}\n`);
  const verdicts = results.compared.map(agreement);
  return verdicts.some((a) => a.counts === false || a.verdicts === false) ? DISAGREES : OK;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new InputError(`cannot write ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

main(process.argv.slice(2)).then(
  (status) => void (process.exitCode = status),
  (error: unknown) => {
    const { message } = error as Error;
    const text = error instanceof InputError ? message : `internal error: ${message}`;
    process.stderr.write(`bench: ${text.replace(/\s*\n\s*/g, ' ')}\n`);
    process.exitCode = BAD_INPUT;
  },
);
