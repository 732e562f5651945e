import { describe, expect, it } from 'vitest';
import { gmemcheck, litmus, refused } from './run.js';

const SAMPLED = ['random', 'pct', 'urw', 'portfolio'];

describe('an option that the strategy takes no notice of is refused', () => {
  const exhaustive = ['', '--strategy exhaustive', '--hash-compact', '--reduce all'];
  const sampled = SAMPLED.map((name) => `--strategy ${name}`);
  const expecting = (what: string) =>
    new RegExp(`^gmemcheck: --[a-z-]+ does .*; expected ${what}`, 'm');
  const draws = expecting('--strategy random, pct, urw or portfolio');

  it.each([
    ...[...exhaustive, '--strategy contexts'].flatMap((how): [string, RegExp][] => [
      [`${how} --runs 9`, draws],
      [`${how} --depth 2`, expecting('--strategy pct$')],
    ]),
    ...exhaustive.map((how): [string, RegExp] => [
      `${how} --max-preemptions 2`,
      expecting('--strategy contexts$'),
    ]),
    ...['', '--strategy contexts', '--reduce chains'].map((how): [string, RegExp] => [
      `${how} --seed 2`,
      draws,
    ]),
    ...sampled.flatMap((how): [string, RegExp][] => [
      [`${how} --max-states 9`, /: --runs bounds --strategy \w+, not --max-states$/m],
      [`${how} --max-time 9`, /: --runs bounds --strategy \w+, not --max-time$/m],
      [`${how} --max-memory 900`, /: --runs bounds --strategy \w+, not --max-memory$/m],
      [`${how} --max-preemptions 9`, expecting('--strategy contexts$')],
      [`${how} --reduce all`, expecting('--strategy exhaustive$')],
      [`${how} --max-depth 9`, /--max-depth bounds an exhaustive search/],
    ]),
    ...['random', 'urw', 'portfolio'].map((how): [string, RegExp] => [
      `--strategy ${how} --depth 3`,
      expecting('--strategy pct$'),
    ]),
    ['--strategy contexts --reduce none', expecting('--strategy exhaustive$')],
  ])('%s', (line, message) => {
    return refused(['check', litmus(), ...line.split(' ').filter(Boolean)], message);
  });

  it('even where its value is the one that it would have had', () =>
    refused(['check', litmus(), '--runs', '10000'], draws));
});

describe('what a strategy takes notice of is accepted', () => {
  it.each([
    ['--max-states 90000 --max-depth 900 --max-time 90 --max-memory 9000', 0],
    ['--reduce all --max-states 90000 --max-time 90', 0],
    ['--hash-compact --seed 7 --max-states 90000', 0],
    ['--strategy contexts --max-preemptions 1 --max-states 90000 --max-memory 9000', 3],
    ['--strategy pct --depth 2 --runs 50 --seed 7', 0],
    ...SAMPLED.map((name): [string, number] => [`--strategy ${name} --runs 50 --seed 7`, 0]),
  ])('%s', async (line, expected) => {
    const { status, err } = await gmemcheck('check', litmus(), '--brief', ...line.split(' '));
    expect({ status, err }).toEqual({ status: expected, err: '' });
  });
});
