import { InputError } from '../../src/core/index.js';
import { Progress } from '../progress.js';
import { racesOf, shrinkAgain, type Again } from './again.js';

const [OK, DIFFERS] = [0, 1];

const HELP = `npm run bench -- shrink [SEEDS] [RACE...]

From each of SEEDS seeds (50) a run of each race of the corpus that breaks it, no two the
same, shrunk by itself; all of a race are to come to the same. Exit status 1 where they do not.
`;

/** `npm run bench -- shrink [SEEDS] [RACE...]`. @throws InputError */
export async function shrinkMain(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) return (write(HELP.trimEnd()), OK);
  const { seeds, ids } = asked(args);
  const races = racesOf(ids);
  const progress = new Progress(races.length);
  write(row('race', 'breaks', 'runs', 'tokens', 'drawn', 'least', 'most', 'CPU s'));
  const all: Again[] = [];
  for (const race of races) {
    progress.next(race.id);
    all.push(await shrinkAgain(race, seeds, (seed) => progress.part(`seed ${seed} of ${seeds}`)));
    progress.end();
    write(lineOf(all.at(-1)!));
  }
  for (const line of summary(all, seeds)) write(line);
  return all.some((a) => a.tokens !== 1) ? DIFFERS : OK;
}

function asked(args: readonly string[]): { seeds: number; ids: readonly string[] } {
  const [first = '50', ...rest] = args;
  if (!/^\d/.test(first)) return { seeds: 50, ids: args };
  const seeds = Number(first);
  if (!/^\d{1,6}$/.test(first) || seeds < 1)
    throw new InputError(`shrink: expected a number of seeds, got '${first}'`);
  return { seeds, ids: rest };
}

function summary(all: readonly Again[], seeds: number): string[] {
  const shown = all.filter((a) => a.found > 0);
  const fewer = shown
    .filter((a) => a.found < seeds)
    .map((a) => `${a.race} (${a.found} of ${a.count})`);
  return [
    `${all.length} races: ${all.filter((a) => a.tokens === 1).length} come to one token, ` +
      `${all.filter((a) => a.isProven).length} proven minimal`,
    `${shown.length} of them from runs, with at most ` +
      `${Math.max(0, ...shown.map((a) => a.executions.max))} executions`,
    `${all.length - shown.length} by searches alone: doomed and livelock are of all runs together`,
    ...(fewer.length > 0 ? [`fewer than ${seeds} different runs: ${fewer.join(', ')}`] : []),
  ];
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);

function lineOf({ race, property, found, tokens, isProven, ...numbers }: Again): string {
  const { steps, least, executions, seconds } = numbers;
  const isDrawn = found > 0;
  return row(
    race,
    property,
    isDrawn ? `${found}` : '-',
    `${tokens}${isProven ? '' : '?'}`,
    isDrawn ? `${steps.median}` : '-',
    `${least}`,
    isDrawn ? `${executions.max}` : '-',
    seconds.median.toFixed(2),
  );
}

/** `drawn` and `least` are steps, `most` is executions. */
const row = (race: string, property: string, ...cells: string[]): string =>
  race.padEnd(37) + property.padEnd(9) + cells.map((cell) => cell.padStart(7)).join('');
