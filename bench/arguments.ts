import { Command, CommanderError, Option } from 'commander';
import { InputError } from '../src/core/index.js';
import { nearest } from '../src/nearest.js';
import { knownRaces, raceName, type Race } from './races/known.js';
import { benchCases, largeCases, type SpinCase } from './spin/cases.js';

/** What is to be measured. */
export interface Plan {
  readonly cases: readonly SpinCase[];
  readonly schedules: boolean;
  readonly races: readonly Race[];
  /** File for the raw data. */
  readonly json: string | undefined;
}

const HELP = `
Cases: those that the tables name (punch-2x1-1-1x1: vCPUs x accesses, pages,
punchers x punches), or the beginning of such a name (punch, p0); 'schedules'.

Examples:
  $ npm run bench
  $ npm run bench -- --case slots --case attributes-3 --json bench.json
  $ npm run bench -- --large --case punch-4x1-1-1x1`;

interface Options {
  readonly case: readonly string[];
  readonly large?: boolean;
  readonly json?: string;
}

/**
 * What a command line asks for; nothing when it asked for help and got it.
 * @throws InputError
 */
export function planOf(args: readonly string[], out: (text: string) => void): Plan | undefined {
  const command = new Command('npm run bench --')
    .description('Measures gmemcheck: against Spin on the same models, where Spin is installed.')
    .addOption(
      new Option('--case <name>', 'this one only; may be given more than once')
        .argParser(collect)
        .default([], 'all'),
    )
    .option('--large', 'bigger sizes as well: up to an hour and 16 GB')
    .option('--json <file>', 'write everything measured to a file')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: () => {}, outputError: () => {} })
    .addHelpText('after', HELP);
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new InputError(
      `${error.message.replace(/^error: /, '').replace(/\s*\n/g, ' ')}; see 'npm run bench -- --help'`,
    );
  }
  return chosen(command.opts<Options>());
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

function chosen({ case: names, large = false, json }: Options): Plan {
  const cases = large ? [...benchCases, ...largeCases] : benchCases;
  const races = knownRaces();
  const all = [...cases.map((c) => c.name), 'schedules', ...races.map(raceName)];
  for (const name of names)
    if (!all.some((each) => each.startsWith(name)))
      throw new InputError(
        `no case '${name}'${nearest(name, all)}; expected one that the tables name` +
          (largeCases.some((c) => c.name.startsWith(name)) ? ', or --large for this one' : ''),
      );
  const isChosen = (name: string): boolean =>
    names.length === 0 || names.some((prefix) => name.startsWith(prefix));
  return {
    cases: cases.filter((c) => isChosen(c.name)),
    schedules: isChosen('schedules'),
    races: races.filter((race) => isChosen(raceName(race))),
    json,
  };
}
