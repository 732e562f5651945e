import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { committedTests } from '../../src/check/tests.js';
import { litmusGrammar } from '../../src/litmus/grammar.js';
import { packageRoot } from '../../src/root.js';
import { gmemcheck } from './run.js';

const page = (name: string): string => readFileSync(join(packageRoot, 'docs', name), 'utf8');

/** Numbers change with the model; so does what is checked. */
const withoutNumbers = (line: string): string => line.replace(/\d+ (?=[:*]>)|\d+ \d+$|\d+/g, 'N');

describe('docs/tutorial.md', () => {
  const commands = [
    ...page('tutorial.md').matchAll(/^ {4}npx gmemcheck (litmus .*)\n\n((?: {4}.*\n)+)/gm),
  ].map(([, command, output]) => ({ command: command!, output: output!.replace(/^ {4}/gm, '') }));

  it('walks through five tests', () => {
    expect(commands).toHaveLength(5);
  });

  it.each(commands)('$command: says what the page says', async ({ command, output }) => {
    const { out, err } = await gmemcheck(...command.split(' '));
    expect(err).toBe('');
    const said = out.split('\n\n')[0]!.split('\n');
    const isElided = (line: string): boolean => /^(Condition check|Hash=|  S\d)/.test(line);
    const lines = said.filter((line) => !isElided(line)).map(withoutNumbers);
    expect(lines).toEqual(output.trimEnd().split('\n').map(withoutNumbers));
  });
});

describe('docs/grammar.md', () => {
  it('has every rule of the grammar, and no others', () => {
    const known = Object.keys(litmusGrammar.rules).filter((rule) => !/_|^space$/.test(rule));
    const rules = [...page('grammar.md').matchAll(/^(\w+) *= /gm)].map(([, rule]) => rule!);
    expect(rules.toSorted()).toEqual(known.toSorted());
  });
});

describe('committed tests', () => {
  it.each(committedTests())('$name says in a comment and a title what it is about', (test) => {
    expect(test.text).toMatch(/\(\*[^]{20,}?\*\)/);
    expect(test.title.length).toBeGreaterThan(10);
    // They are found by it.
    expect(basename(test.file)).toBe(`${test.name}.litmus`);
  });
});
