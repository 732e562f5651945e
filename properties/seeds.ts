import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { packageRoot } from '../src/root.js';
import { isSeeded, testFiles } from './seeded.js';

/**
 * `npm run seeds -- [HOW-MANY]`: every test file whose properties are drawn from
 * GMEMCHECK_SEED, under so many random seeds. Exit status 1 where a test fails,
 * with the seed it fails under.
 */
async function main([runs = '20', ...more]: readonly string[]): Promise<number> {
  if (!/^[1-9]\d{0,5}$/.test(runs) || more.length > 0) {
    process.stderr.write(
      `seeds: expected one number, from 1, got '${[runs, ...more].join(' ')}'\n`,
    );
    return 2;
  }
  const files = testFiles()
    .filter(isSeeded)
    .map((file) => relative(packageRoot, file));
  process.stdout.write(`${files.length} files: ${files.join(' ')}\n`);
  const failed: number[] = [];
  for (let run = 1; run <= Number(runs); run++) {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { passed, failures } = await suite(files, seed);
    process.stdout.write(`${run}  GMEMCHECK_SEED=${seed}  ${passed} passed`);
    process.stdout.write(`, ${failures.length} failed\n${failures.map(indented).join('')}`);
    if (passed === 0 || failures.length > 0) failed.push(seed);
  }
  const failing = failed.length > 0 ? `: ${failed.join(' ')}` : '';
  process.stdout.write(`${runs} seeds, ${failed.length} with a failure${failing}\n`);
  return failed.length > 0 ? 1 : 0;
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '    ') + '\n';

interface Suite {
  readonly passed: number;
  /** Names, each with the first lines of its message. */
  readonly failures: readonly string[];
}

/** What vitest writes with `--reporter=json`, as far as it is of use here. */
interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

async function suite(files: readonly string[], seed: number): Promise<Suite> {
  const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-seeds-'));
  const output = join(folder, 'report.json');
  // Not a matter of seeds: how fast a busy machine is.
  const patient = '--testTimeout=3600000';
  const report = ['--reporter=json', `--outputFile=${output}`];
  const args = ['run', ...files, '--maxWorkers=1', patient, ...report];
  try {
    await vitest(args, { ...process.env, GMEMCHECK_SEED: String(seed) });
    const told = JSON.parse(readFileSync(output, 'utf8')) as Report;
    const failures = told.testResults.flatMap(({ name, message, assertionResults }) => {
      const failed = assertionResults.filter((t) => t.status === 'failed');
      if (message && failed.length === 0) return [`${name}\n${message}`];
      return failed.map((t) => `${name}: ${t.fullName}\n${headOf(t.failureMessages.join('\n'))}`);
    });
    return { passed: told.numPassedTests, failures };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const headOf = (text: string): string => text.split('\n').slice(0, 12).join('\n');

const vitest = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> =>
  new Promise((resolve, reject) => {
    const program = join(packageRoot, 'node_modules', 'vitest', 'vitest.mjs');
    const child = spawn(process.execPath, [program, ...args], { cwd: packageRoot, env });
    child.on('error', reject);
    child.on('close', () => resolve());
  });

process.exitCode = await main(process.argv.slice(2));
