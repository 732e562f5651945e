import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from '@babel/parser';
import type { CallExpression, Node } from '@babel/types';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/root.js';
import { isSeeded } from '../seeded.js';
import { seedText } from './seed.js';

/** What runs a property; its seed is to be one that GMEMCHECK_SEED moves. */
const RUNS: readonly string[] = ['assert', 'check'];

interface Draw {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  /** How its seed is written; nothing where fast-check is to make one up. */
  readonly seed: string | undefined;
}

const folder = join(packageRoot, 'properties');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('fixtures'))
  .map((name) => join(folder, name));
const draws = sources.flatMap(drawsIn);

function drawsIn(file: string): Draw[] {
  const text = readFileSync(file, 'utf8');
  if (!/\bfc\.(assert|check|sample)\(/.test(text)) return [];
  return callsOf(parse(text, { sourceType: 'module', plugins: ['typescript'] })).flatMap((call) => {
    const what = drawing(call);
    if (!what) return [];
    const seed = seedIn(call, text);
    return [{ file: relative(folder, file), line: call.loc!.start.line, what, seed }];
  });
}

function callsOf(node: unknown): CallExpression[] {
  if (Array.isArray(node)) return node.flatMap(callsOf);
  if (typeof node !== 'object' || node === null || !('type' in node)) return [];
  const inner = Object.values(node).flatMap(callsOf);
  return (node as Node).type === 'CallExpression' ? [node as CallExpression, ...inner] : inner;
}

/** `assert`, `check` or `sample` of fast-check. */
function drawing({ callee }: CallExpression): string | undefined {
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return undefined;
  const isFc = callee.object.type === 'Identifier' && callee.object.name === 'fc';
  const { name } = callee.property;
  return isFc && [...RUNS, 'sample'].includes(name) ? name : undefined;
}

function seedIn({ arguments: [, options] }: CallExpression, text: string): string | undefined {
  if (options?.type !== 'ObjectExpression') return undefined;
  for (const property of options.properties)
    if (property.type === 'ObjectProperty' && text.startsWith('seed', property.key.start!))
      return text.slice(property.value.start!, property.value.end!);
  return undefined;
}

it('finds what draws', () => {
  expect(draws.length).toBeGreaterThan(50);
  expect(draws.map((d) => d.file)).toContain(join('engine', 'oracle.test.ts'));
});

/** FIXED_SEED is where luck has a part; `seed` is that of what was found, to find it again. */
const AS_IT_SHOULD = /^(SEED|seedOf\(.*\)|effort\.seed|FIXED_SEED|seed)$/;

it('draws every property from a seed that GMEMCHECK_SEED moves', () => {
  const others = draws.filter(({ seed }) => !AS_IT_SHOULD.test(seed ?? ''));
  expect(others.filter((d) => RUNS.includes(d.what))).toEqual([]);
});

it('draws no sample that another run would not draw', () => {
  expect(draws.filter(({ seed }) => seed === undefined)).toEqual([]);
  const random = sources.filter((file) => /\bMath\.random\b/.test(readFileSync(file, 'utf8')));
  expect(random.map((file) => relative(folder, file))).toEqual(['seeds.ts']);
});

it('has each of them among those that `npm run seeds` runs', () => {
  const drawn = draws.filter((d) => RUNS.includes(d.what) && d.file.endsWith('.test.ts'));
  const files = new Set(drawn.map((d) => join(folder, d.file)));
  expect([...files].filter((file) => !isSeeded(file))).toEqual([]);
});

it('says the seed', () => {
  const given = process.env['GMEMCHECK_SEED'];
  expect(seedText).toContain(given ? `GMEMCHECK_SEED=${given}` : 'GMEMCHECK_SEED is not set');
});
