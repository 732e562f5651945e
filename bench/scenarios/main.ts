import { InputError } from '../../src/core/index.js';
import { wrap } from '../../src/report/wrap.js';
import { spread } from '../measure.js';
import { huntAll, type Hunted } from './hunt.js';

/**
 * Which races of the corpus are found from random scenarios, and how soon:
 * `node dist/bench/scenarios/main.js [SEEDS [SCENARIOS [RACE...]]]`.
 */
async function main([seedsText = '2', mostText = '200000', ...ids]: string[]): Promise<void> {
  const effort = { seeds: count(seedsText), most: count(mostText) };
  write(`${effort.seeds} seeds, at most ${effort.most} scenarios of each`);
  write(row('race', 'property', 'found', 'median', 'most', 'seconds'));
  const hunted: Hunted[] = [];
  await huntAll(effort, ids, (race) => {
    write(lineOf(race));
    hunted.push(race);
  });
  for (const line of summary(hunted)) write(line);
}

/** Of the races that were found, the median of their medians. */
function summary(hunted: readonly Hunted[]): string[] {
  const found = hunted.filter((race) => race.found > 0);
  const missed = hunted.filter((race) => race.found === 0).map((race) => race.race);
  const always = hunted.filter((race) => race.found === race.seeds).length;
  const medians = found.filter((race) => race.scenarios.median < Infinity);
  const typical = spread(medians.map((race) => race.scenarios.median));
  const seconds = spread(medians.map((race) => race.seconds.median));
  return [
    `${found.length} of ${hunted.length} races found, ${always} from every seed; by the median`,
    `in ${word(typical.median)} scenarios and ${seconds.median.toFixed(1)} s, ` +
      `at most in ${word(typical.max)} and ${seconds.max.toFixed(1)} s`,
    ...(missed.length > 0 ? wrap(`not found: ${missed.join(', ')}`, '', '  ') : []),
  ];
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);

const word = (value: number): string => (value < Infinity ? `${Math.round(value)}` : '-');

function lineOf({ race, property, scenarios: n, seconds, found, seeds }: Hunted): string {
  const time = seconds.median.toFixed(1);
  return row(race, property, `${found}/${seeds}`, word(n.median), word(n.max), time);
}

const row = (race: string, property: string, ...cells: string[]): string =>
  race.padEnd(34) + property.padEnd(9) + cells.map((cell) => cell.padStart(8)).join('');

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
