import { InputError } from '../../src/core/index.js';
import { huntAll, type Beyond, type Hunted } from './hunt.js';

/**
 * Which races of the corpus are found from random scenarios, and how soon:
 * `node dist/bench/scenarios/main.js [SEEDS [SCENARIOS]]`.
 */
async function main(args: readonly string[]): Promise<void> {
  const [seeds, most] = [count(args[0] ?? '5'), count(args[1] ?? '2000')];
  write(`${seeds} seeds, at most ${most} scenarios of each`);
  write(row('race', 'property', 'found', 'median', 'least', 'most', 'seconds'));
  await huntAll({ seeds, most }, (race) => write(lineOf(race)));
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);

const word = (value: number): string => (value < Infinity ? `${Math.round(value)}` : '-');

function lineOf(race: Hunted | Beyond): string {
  if ('because' in race) return `${race.race.padEnd(32)}${race.because}`;
  const { scenarios: n, seconds, found, seeds } = race;
  const time = seconds.median.toFixed(1);
  const share = `${found}/${seeds}`;
  return row(race.race, race.property, share, word(n.median), word(n.min), word(n.max), time);
}

const row = (race: string, ...cells: string[]): string =>
  race.padEnd(32) + cells.map((cell) => cell.padStart(9)).join('');

function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1)
    throw new InputError(`expected SEEDS [SCENARIOS], whole numbers from 1, got '${text}'`);
  return value;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 2;
});
