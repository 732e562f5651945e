import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { goingOnLines, type Ended } from '../../src/cli/going-on.js';
import { whyUnsaved } from '../../src/check/unsaved.js';
import { namesIn } from './child.js';
import { gmemcheck, litmus, refused } from './run.js';

const ENDED: Ended = {
  answered: 1,
  tests: 2,
  isInterrupted: true,
  typed: ['check', 'a.litmus', 'b c.litmus'],
  isKept: false,
  never: undefined,
  later: new Set(),
};
const contexts = whyUnsaved('contexts');

/** What is said, as one line, and the command below it. */
function said(more: Partial<Ended>): [text: string, command: string] {
  const lines = goingOnLines({ ...ENDED, ...more });
  expect(lines.slice(0, -1).filter((line) => line.length > 75)).toEqual([]);
  return [lines.slice(0, -1).join(' ').replace(/\s+/g, ' '), lines.at(-1)!];
}

describe('a run that ends with tests unanswered says what of it is saved', () => {
  const command = "  npx gmemcheck check a.litmus 'b c.litmus'";
  const saving = `${command} --checkpoint FOLDER`;

  it.each<[string, Partial<Ended>, RegExp, string]>([
    [
      'all',
      { isKept: true },
      /^gmemcheck: interrupted; 1 of 2 tests answered; to go on:$/,
      command,
    ],
    ['all, by a limit', { isKept: true, isInterrupted: false }, /^gmemcheck: 1 of 2 /, command],
    ['nothing that might be', {}, /nothing is saved; with a checkpoint this can be/, saving],
    [
      'answers only',
      { isKept: true, never: contexts },
      /answered, and saved; a search by contexts is not saved, as .*; to go on, with the others from/,
      command,
    ],
    [
      'nothing, of a search that is not',
      { never: contexts, tests: 1, answered: 0 },
      /0 of 1 test answered; a search by contexts is not saved, as .* alone; from the beginning again:$/,
      command,
    ],
    [
      'nothing, but answers might be',
      { never: contexts },
      /nothing is saved; a search by .* alone; with a checkpoint tests that are answered would be:$/,
      saving,
    ],
    [
      'its first part only',
      { isKept: true, later: new Set([contexts]) },
      /; the search of all states is saved, not what came after it: a search by contexts .*; to go on:$/,
      command,
    ],
    [
      'nothing, but its first part might be',
      { later: new Set([contexts]) },
      /nothing is saved; with a checkpoint the search of all states can be .*, not what came after/,
      saving,
    ],
  ])('%s', (_, ended, text, line) => {
    const [printed, printedCommand] = said(ended);
    expect(printed).toMatch(text);
    expect(printedCommand).toBe(line);
  });
});

describe('a checkpoint of what is not saved', () => {
  function folder(): string {
    const root = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    return join(root, 'saved');
  }

  it.each<[string, RegExp]>([
    ['--strategy pct', /schedules that were drawn are not saved/],
    ['--strategy contexts', /a search by contexts is not saved/],
    ['--reduce all', /a reduced search is not saved/],
    ['--reduce chains', /a reduced search is not saved/],
  ])('%s: of one test is refused, and leaves no folder', async (line, why) => {
    const saved = folder();
    const args = ['check', litmus(), '--checkpoint', saved, ...line.split(' ')];
    await refused(args, /--checkpoint would keep nothing: .*; expected --strategy exhaustive/);
    await refused(args, why);
    expect(existsSync(saved)).toBe(false);
  });

  it('of several tests keeps their answers, and says so', async () => {
    const saved = folder();
    const command = ['check', litmus(), 'fault-vs-punch', '--protocol', '6.12', '--brief'];
    const plain = await gmemcheck(...command, '--strategy', 'contexts');
    const kept = await gmemcheck(...command, '--strategy', 'contexts', '--checkpoint', saved);
    expect({ ...kept, err: '' }).toEqual(plain);
    expect(kept.err.replace(/\s+/g, ' ')).toMatch(
      /^gmemcheck: --checkpoint keeps the tests that are answered; a search by contexts is not saved/,
    );
    expect(namesIn(saved)).toEqual([]);
  });

  it('is nothing special where all of it is', async () => {
    const args = ['check', litmus(), '--reduce', 'none', '--checkpoint', folder(), '--brief'];
    expect(await gmemcheck(...args)).toMatchObject({ status: 0, err: '' });
  });
});
