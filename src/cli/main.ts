#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import { EngineError, InputError } from '../core/errors.js';
import { packageVersion } from '../root.js';
import { runCheck, type CheckArguments } from './check.js';
import { runConform } from './conform.js';
import { runList } from './list.js';
import { BAD_INPUT, whole, type Out } from './options.js';
import { runReplay } from './replay.js';
import { runShow } from './show.js';

const out: Out = (text) => void process.stdout.write(text);

const program = new Command('gmemcheck')
  .description('Checks interleavings of KVM guest_memfd against its invariants.')
  .version(packageVersion)
  .exitOverride()
  .showSuggestionAfterError()
  .addHelpText(
    'after',
    `
Examples:
  $ gmemcheck check                              every committed test
  $ gmemcheck check fault-vs-punch --protocol P3 one test, one protocol
  $ gmemcheck check my-question.litmus           a question of your own
  $ gmemcheck check --strategy pct --runs 100000 sampled, not exhaustive
  $ gmemcheck replay gmc1-...                    the run that a report cites
  $ gmemcheck show fallocate --protocol 6.12     the steps of a flow
  $ gmemcheck conform recording.jsonl            a recorded kernel, step by step

Exit status: 0 all as expected, 1 not, 2 bad input, 3 undecided.`,
  );

const json = new Option('--json', 'one JSON document on standard output');

program
  .command('check')
  .description('decide tests: litmus files, or the committed ones by name (default: all)')
  .argument('[test...]', 'names or files')
  .option('--protocol <id|file>', 'this protocol instead of those that the tests name')
  .addOption(new Option('--memory <kind>', 'kind of memory').choices(['sw', 'snp']))
  .addOption(
    new Option('--strategy <name>', 'how to search')
      .choices(['exhaustive', 'random', 'pct'])
      .default('exhaustive'),
  )
  .option('--max-states <n>', 'bound of an exhaustive search', whole(1, 2 ** 30), 20_000_000)
  .option('--runs <n>', 'schedules to sample', whole(1, 1e12), 10_000)
  .option('--seed <n>', 'seed of the sampling', whole(0, 2 ** 31 - 1), 1)
  .option('--brief', 'verdicts without diagrams')
  .option('--flat', 'diagrams without call nesting: shorter')
  .addOption(json)
  .action((tests: string[], args: CheckArguments) => finish(runCheck(tests, args, out)));

program
  .command('replay')
  .description('show the run that a token stands for')
  .argument('<token|file>', 'a token, or a file that has one in it')
  .option('--flat', 'without call nesting: shorter')
  .addOption(json)
  .action((what: string, args) => finish(runReplay(what, args, out)));

program
  .command('list')
  .description('what there is: protocols, tests, invariants, flows')
  .argument('[section]', 'one of them')
  .addOption(json)
  .action((section: string | undefined, args) => finish(runList(section, args, out)));

program
  .command('show')
  .description('the numbered steps of a flow: locks held, source')
  .argument('<flow>', 'an operation or a kernel function')
  .option('--protocol <id|file>', 'of this protocol', '6.12')
  .addOption(json)
  .action((flow: string, args) => finish(runShow(flow, args, out)));

program
  .command('conform')
  .description('compare recordings of a real kernel with the model')
  .argument('<file...>', 'recordings, JSON lines')
  .option('--kernel <version>', 'the kernel that was recorded')
  .option('--protocol <id|file>', 'the protocol to compare with')
  .addOption(json)
  .action((files: string[], args) => finish(runConform(files, args, out)));

async function finish(status: number | Promise<number>): Promise<void> {
  process.exitCode = await status;
}

/** Whatever goes wrong ends in one line and a status, never in a stack trace. */
function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : BAD_INPUT;
    return;
  }
  const known = error instanceof InputError || error instanceof EngineError;
  const text = known ? error.message : `internal error: ${String((error as Error).message)}`;
  process.stderr.write(`gmemcheck: ${text}\n`);
  process.exitCode = BAD_INPUT;
}

// A reader that has seen enough (head, less) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

program.parseAsync().catch(fail);
