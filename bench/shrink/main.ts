import { InputError } from '../../src/core/index.js';
import { shrinkAll, type Again } from './again.js';

const [OK, DIFFERS] = [0, 1];

/**
 * `npm run bench -- shrink [SEEDS]`: from each seed a random run of each race of the
 * corpus, shrunk; all of a race are to come to the same. Exit status 1 where they do not.
 */
export async function shrinkMain(args: readonly string[]): Promise<number> {
  const seeds = count(args);
  write(`${seeds} seeds`);
  write(row('race', 'breaks', 'found', 'same', 'drawn', 'least', 'runs', 'most', 's'));
  const all: Again[] = [];
  await shrinkAll(seeds, (race) => {
    all.push(race);
    write(lineOf(race));
  });
  const differ = all.filter((a) => a.found > 0 && a.distinct !== 1);
  const missed = all.filter((a) => a.found < seeds);
  write(
    `${all.length} races: ${all.length - differ.length} the same from every seed, ` +
      `${all.filter((a) => a.isProven).length} proven minimal, ` +
      `${missed.length} not drawn from every seed; ` +
      `at most ${Math.max(...all.map((a) => finite(a.executions.max)))} executions`,
  );
  return differ.length > 0 ? DIFFERS : OK;
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);

const finite = (n: number): number => (Number.isFinite(n) ? n : 0);

function lineOf({ race, property, distinct, isProven, ...numbers }: Again): string {
  const { found, steps, least, executions, seconds } = numbers;
  return row(
    race,
    property,
    `${found}`,
    found === 0 ? '-' : distinct === 1 ? `yes${isProven ? '' : '?'}` : `${distinct}`,
    ...[steps.median, least, executions.median, executions.max].map((n) => `${finite(n)}`),
    finite(seconds.median).toFixed(2),
  );
}

/** The rest is as narrow as a mail: `drawn` and `least` are steps, `runs` and `most` executions. */
const row = (race: string, property: string, ...cells: string[]): string =>
  race.padEnd(31) + property.padEnd(10) + cells.map((cell) => cell.padStart(6)).join('');

function count([text = '50', ...more]: readonly string[]): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || more.length > 0)
    throw new InputError(`shrink: expected a number of seeds, got '${[text, ...more].join(' ')}'`);
  return value;
}
