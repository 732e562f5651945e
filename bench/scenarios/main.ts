import { InputError } from '../../src/core/index.js';
import { huntAll, type Hunted } from './hunt.js';

/**
 * Which races of the corpus are found from random scenarios, and how soon:
 * `node dist/bench/scenarios/main.js [SEEDS [SCENARIOS [RACE...]]]`.
 */
async function main([seedsText = '5', mostText = '20000', ...ids]: string[]): Promise<void> {
  const effort = { seeds: count(seedsText), most: count(mostText) };
  write(`${effort.seeds} seeds, at most ${effort.most} scenarios of each`);
  write(row('race', 'property', 'found', 'median', 'least', 'most', 'seconds'));
  const missed: string[] = [];
  await huntAll(effort, ids, (race) => {
    write(lineOf(race));
    if (race.found === 0) missed.push(race.race);
  });
  write(missed.length > 0 ? `not found: ${missed.join(', ')}` : 'every race was found');
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);

const word = (value: number): string => (value < Infinity ? `${Math.round(value)}` : '-');

function lineOf({ race, property, scenarios: n, seconds, found, seeds }: Hunted): string {
  const time = seconds.median.toFixed(1);
  return row(race, property, `${found}/${seeds}`, word(n.median), word(n.min), word(n.max), time);
}

const row = (race: string, ...cells: string[]): string =>
  race.padEnd(34) + cells.map((cell) => cell.padStart(9)).join('');

function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1)
    throw new InputError(`expected SEEDS [SCENARIOS [RACE...]], numbers from 1, got '${text}'`);
  return value;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 2;
});
