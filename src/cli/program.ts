import { Argument, Command, CommanderError, Option } from 'commander';
import { blameNobody, ofUsersCode } from '../check/blame.js';
import { PCT_DEPTH, SAVE_EVERY } from '../check/defaults.js';
import { EngineError, InputError } from '../core/errors.js';
import { packageVersion } from '../root.js';
import { WIDTH } from '../report/wrap.js';
import type { CheckArguments } from './check-arguments.js';
import { excerpt } from './excerpt.js';
import { FUZZ_HELP, HELP, LITMUS_HELP, CLAIMS_HELP, MATRIX_HELP, MUTATIONS_HELP } from './help.js';
import { BAD_INPUT, OK, reductions, whole, type Out } from './options.js';
import type { Terminal } from './progress/progress.js';
import { later } from './later.js';
import { refuseUnused } from './unused.js';

// Each is loaded when it is asked for: most of what there is, is of no use to one of them.
const runCheck = later(async () => (await import('./check.js')).runCheck);
const runClaims = later(async () => (await import('./claims.js')).runClaims);
const runConform = later(async () => (await import('./conform.js')).runConform);
const runDiff = later(async () => (await import('./diff.js')).runDiff);
const runFmt = later(async () => (await import('./fmt.js')).runFmt);
const runFuzz = later(async () => (await import('./fuzz.js')).runFuzz);
const runInit = later(async () => (await import('./init.js')).runInit);
const runList = later(async () => (await import('./list.js')).runList);
const runLitmus = later(async () => (await import('./litmus.js')).runLitmus);
const runMatrix = later(async () => (await import('./matrix.js')).runMatrix);
const runMutations = later(async () => (await import('./mutations.js')).runMutations);
const runReplay = later(async () => (await import('./replay.js')).runReplay);
const runSequences = later(async () => (await import('./sequences.js')).runSequences);
const runShow = later(async () => (await import('./show.js')).runShow);
const runShrink = later(async () => (await import('./shrink.js')).runShrink);

/**
 * Runs one command line and gives its exit status. Whatever goes wrong ends in
 * one line on `err` and a status, never in a stack trace.
 * @param args without the program's own name
 * @param terminal where it may be shown how far a command has come, if anywhere
 */
export async function runCommandLine(
  args: readonly string[],
  out: Out,
  err: Out,
  terminal?: Terminal,
): Promise<number> {
  blameNobody();
  let status = OK;
  const program = commands(args, out, err, terminal, (s) => void (status = s));
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return fail(error, err);
  }
}

function commands(
  typed: readonly string[],
  out: Out,
  err: Out,
  terminal: Terminal | undefined,
  setStatus: (status: number) => void,
): Command {
  const finish = async (status: number | Promise<number>): Promise<void> => setStatus(await status);
  const program = new Command('gmemcheck')
    .description('Checks interleavings of KVM guest_memfd against its invariants.')
    .version(packageVersion)
    .exitOverride()
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: () => {},
      getOutHelpWidth: () => WIDTH,
      getErrHelpWidth: () => WIDTH,
    })
    .showSuggestionAfterError()
    .addHelpText('after', HELP);

  const json = new Option('--json', 'one JSON document on standard output');

  program
    .command('check')
    .description('decide tests: litmus files, or the committed ones by name (default: all)')
    .argument('[test...]', 'names or files')
    .option('--protocol <id|file>', 'this protocol instead of those that the tests name')
    .addOption(new Option('--memory <kind>', 'kind of memory'))
    .addOption(
      new Option('--strategy <name>', 'how to search')
        .choices(['exhaustive', 'contexts', 'random', 'pct', 'urw', 'portfolio'])
        .default('exhaustive'),
    )
    .option(
      '--max-states <n>',
      'states to store at most, some 25 bytes each',
      whole(1, 2 ** 30),
      20_000_000,
    )
    .option('--max-depth <n>', 'bound of its steps from the start', whole(1, 1e9))
    .option('--max-time <seconds>', 'bound of each search of states', whole(1, 1e9))
    .option('--max-memory <MiB>', 'bound of all (default: most of what is free)', whole(1, 2 ** 30))
    .option(
      '--checkpoint <folder>',
      'saves searches of all states there; the same command goes on from it',
    )
    .option(
      '--checkpoint-every <seconds>',
      `from one save to the next (default: ${SAVE_EVERY})`,
      whole(1, 1e6),
    )
    .option(
      '--reduce <names>',
      'none, all, or of partial-order,chains,symmetry (default: none, then all where there are too many states)',
      reductions,
    )
    .option('--hash-compact', 'keep signatures of states only; the verdict says the odds')
    .option('--signature-bits <n>', 'length of these (default: 64)', whole(40, 64))
    .option('--max-preemptions <n>', 'bound of a search by contexts', whole(0, 1000))
    .option('--runs <n>', 'schedules to sample', whole(1, 1e12), 10_000)
    .option('--seed <n>', 'seed of the sampling, and of signatures', whole(0, 2 ** 31 - 1), 1)
    .option('--depth <n>', 'depth of the bugs that pct aims at', whole(1, 100), PCT_DEPTH)
    .option('--workers <n>', 'threads (default: one for each processor)', whole(1, 1024))
    .option('--no-progress', 'show nothing of it, even on a terminal')
    .option('--brief', 'verdicts without diagrams')
    .option('--flat', 'diagrams without call nesting: shorter')
    .option('--export <file>', 'write the one test there, with what was found')
    .option('--coverage', 'what was reached of each function, and what never was')
    .addOption(json)
    .action((tests: string[], args: CheckArguments, command: Command) => {
      refuseUnused(args, (option) => command.getOptionValueSource(option) === 'cli');
      return finish(runCheck(tests, args, out, err, typed, terminal));
    });

  program
    .command('litmus')
    .description("count what comes of litmus tests, in herd7's words")
    .argument('<test...>', 'files, or names of committed tests')
    .option('--protocol <id|file|all>', 'this protocol, or all: a line for each')
    .option('--max-states <n>', 'states to store at most', whole(1, 2 ** 30), 2_000_000)
    .option('--max-time <seconds>', 'bound of each search', whole(1, 1e9))
    .option('--brief', 'without the run')
    .option('--flat', 'the run without call nesting: shorter')
    .option('--time', 'say how long it took: all else is the same every time')
    .addOption(json)
    .addHelpText('after', LITMUS_HELP)
    .action((tests: string[], args) => finish(runLitmus(tests, args, out)));

  program
    .command('fmt')
    .description('put litmus files into their usual form; prints those that were in another')
    .argument('<file...>', 'litmus files')
    .option('--check', 'write nothing; status 1 where one is in another form')
    .action((files: string[], args) => finish(runFmt(files, args, out)));

  program
    .command('claims')
    .description('decide what messages and threads claim: all of it, or claims by id')
    .argument('[id...]', 'such as PREP-4')
    .option('--verbose', 'with the run of each; without it only where one claim is asked for')
    .option('--max-states <n>', 'bound of each search', whole(1, 2 ** 30), 20_000_000)
    .option('--workers <n>', 'threads (default: one for each processor)', whole(1, 1024))
    .option('--no-progress', 'show nothing of it, even on a terminal')
    .addOption(json)
    .addHelpText('after', CLAIMS_HELP)
    .action((ids: string[], args) => finish(runClaims(ids, args, out, err, terminal)));

  program
    .command('mutations')
    .description('change the model in one place at a time, and see which property notices')
    .argument('[id...]', 'such as no-stale-check (default: all)')
    .option('--max-states <n>', 'bound of each search', whole(1, 2 ** 30), 1_000_000)
    .option('--workers <n>', 'threads (default: one for each processor)', whole(1, 1024))
    .option('--no-progress', 'show nothing of it, even on a terminal')
    .addOption(json)
    .addHelpText('after', MUTATIONS_HELP)
    .action((ids: string[], args) => finish(runMutations(ids, args, out, terminal)));

  program
    .command('diff')
    .description('what one protocol changes in another: functions, and their steps side by side')
    .argument('<left>', 'an id, or a file')
    .argument('<right>', 'an id, or a file')
    .addOption(json)
    .action((left: string, right: string, args) => finish(runDiff([left, right], args, out)));

  program
    .command('matrix')
    .description('decide tests under several protocols, and show where they differ')
    .argument('<protocol...>', "two or more: ids, files, or 'upstream'")
    .option('--tests <test...>', 'names or files (default: every committed one)')
    .option('--all', 'tests on which all agree as well')
    .option('--max-states <n>', 'bound of each search', whole(1, 2 ** 30), 5_000_000)
    .option('--workers <n>', 'threads (default: one for each processor)', whole(1, 1024))
    .option('--no-progress', 'show nothing of it, even on a terminal')
    .addOption(json)
    .addHelpText('after', MATRIX_HELP)
    .action((names: string[], args) => finish(runMatrix(names, args, out, terminal)));

  program
    .command('init')
    .description('write a commented file to begin with')
    .addArgument(new Argument('<what>', 'of which kind').choices(['variant', 'litmus']))
    .argument('[file]', 'where to (default: my-series.ts, my-question.litmus)')
    .action((what: 'variant' | 'litmus', file: string | undefined) =>
      finish(runInit(what, file, out)),
    );

  program
    .command('replay')
    .description('show the run that a token stands for')
    .argument('<token|file>', 'a token, or a file that has one in it')
    .option('--flat', 'without call nesting: shorter')
    .option('--litmus', 'the test as a litmus file, with what the run breaks')
    .addOption(json)
    .action((what: string, args) => finish(runReplay(what, args, out)));

  program
    .command('shrink')
    .description('the smallest scenario that still breaks the same, and its least run')
    .argument('<token|test>', 'a token, a file, or the name of a committed test')
    .option('--protocol <id|file>', 'this protocol instead of the one that is named')
    .option('--max-states <n>', 'bound of each search', whole(1, 2 ** 30), 1_000_000)
    .option('--output <file>', 'write the litmus file there')
    .option('--hints', 'try which single changes of the code would prevent it')
    .option('--flat', 'the run without call nesting: shorter')
    .addOption(json)
    .action((what: string, args) => finish(runShrink(what, args, out, err)));

  program
    .command('fuzz')
    .description('draw scenarios, search each, shrink and keep what breaks something new')
    .option('--protocol <id|file>', 'this protocol', '6.12')
    .option('--runs <n>', 'scenarios to draw', whole(0, 1e6), 200)
    .option(
      '--seed <n>',
      'the same scenarios again (default: others each time)',
      whole(0, 2 ** 31 - 1),
    )
    .option('--max-states <n>', 'bound of each search', whole(1, 2 ** 30), 20_000)
    .option('--corpus <file>', 'litmus files, one behind the other, to be kept as well')
    .option('--folder <folder>', 'where examples are kept', '.gmemcheck')
    .option('--statistics', 'say which flows, steps and contentions the scenarios exercised')
    .option('--sequences <n>', 'print random operations as recordings instead', whole(1, 1000))
    .option('--flat', 'runs without call nesting: shorter')
    .addOption(json)
    .addHelpText('after', FUZZ_HELP)
    .action((args, command: Command) => {
      const isGiven = (option: string) => command.getOptionValueSource(option) === 'cli';
      return finish(args.sequences ? runSequences(args, isGiven, out, err) : runFuzz(args, out));
    });

  program
    .command('list')
    .description('what there is: protocols, tests, invariants, races, flows')
    .argument('[section]', 'one of them')
    .addOption(json)
    .action((section: string | undefined, args) => finish(runList(section, args, out)));

  program
    .command('show')
    .description('the numbered steps of a flow: locks held, source; or all lock nestings')
    .argument('<flow|locks>', "an operation, a kernel function, or 'locks'")
    .option('--protocol <id|file>', 'of this protocol', '6.12')
    .addOption(json)
    .action((flow: string, args) => finish(runShow(flow, args, out)));

  program
    .command('conform')
    .description('compare recordings of a real kernel with the model')
    .argument('<file...>', 'recordings, JSON lines')
    .option('--kernel <version>', 'the kernel that was recorded')
    .option('--protocol <id|file>', 'the protocol to compare with')
    .option('--mutations', 'which sequence tells which change of the model')
    .addOption(json)
    .action((files: string[], args) => finish(runConform(files, args, out)));
  return program;
}

function fail(thrown: unknown, err: Out): number {
  const error = ofUsersCode(thrown);
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return OK;
    if (error.code !== 'commander.help') err(`gmemcheck: ${usageText(error.message)}\n`);
    return BAD_INPUT;
  }
  const known = error instanceof InputError || error instanceof EngineError;
  const text = known ? error.message : `internal error: ${String((error as Error).message)}`;
  const lines = [`gmemcheck: ${text.replace(/\s*\n\s*/g, ' ')}`, ...excerpt(text)];
  err(`${lines.join('\n')}\n`);
  return BAD_INPUT;
}

/** Commander's words as one line like all others. */
function usageText(message: string): string {
  const line = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (one of )?(.*)\?\)$/, "; did you mean '$2'?");
  return /^(unknown|missing|too many)/.test(line)
    ? `${line.replace(/\.$/, '')}; see 'gmemcheck --help'`
    : line;
}
