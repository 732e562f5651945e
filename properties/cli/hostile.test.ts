import { existsSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { modelFingerprint, textHash } from '../../src/check/fingerprint.js';
import type { Decision } from '../../src/core/schedule.js';
import { encodeToken } from '../../src/core/token.js';
import { gmemcheck, litmus, refused, tempFile } from './run.js';

const TEST = 'gmem x { } host ; fallocate(PUNCH_HOLE, 0, 1) ;';
const packed = (text: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('+'), deflateRawSync(text)]);
const many = (actor: number, option: number, count: number): Decision[] =>
  Array.from({ length: count }, () => ({ actor, option }));
const token = (head: string, body: Buffer, schedule: Decision[] = []): string =>
  encodeToken({
    model: modelFingerprint(),
    subject: Buffer.concat([Buffer.from(`${head}\n`), body]),
    schedule,
  });

describe('tokens made to do harm end in a line', () => {
  it.each<[string, string, RegExp]>([
    ['a bomb', token('P9\nsw', packed(Buffer.alloc(8_000_000))), /cannot be unpacked|too long/],
    ['depth', token('P9\nsw', packed(`gmem x { } h ; ; exists ${'('.repeat(60_000)}`)), /deeper/],
    ['not text', token('P9\nsw', packed(Buffer.of(0xff, 0xfe))), /:1:1: expected "gmem"/],
    ['length', token('P9\nsw', packed(TEST), many(0, 0, 1_000_000)), /decision \d+ of 1000000/],
    ['more of it', token('P9\nsw', packed(TEST), many(0, 0, 1_000_001)), /schedule is too long/],
    ['an actor', token('P9\nsw', packed(TEST), many(7, 0, 3)), /moves more than 1 actors/],
    ['an option', token('P9\nsw', packed(TEST), many(0, 9, 3)), /decision 1 of 3 is not possible/],
    ['a kind', token('P9\n__proto__', packed(TEST)), /no memory kind '__proto__'/],
    ['a test', token('P9\nsw', Buffer.from('=fault-vs-punch 00000000')), /is not the one/],
    ['an end', token('P9', Buffer.alloc(0)), /incomplete/],
  ])('by %s', async (_what, text, message) => {
    const begin = performance.now();
    for (const command of ['replay', 'shrink']) await refused([command, text], message);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });
});

describe('data never has a file run', () => {
  const evil = (): { file: string; mark: string; text: string } => {
    const text = "import fs from 'node:fs'; fs.writeFileSync(`${import.meta.dirname}/ran`, '');";
    const file = tempFile('evil.ts', text);
    return { file, mark: join(dirname(file), 'ran'), text };
  };

  it('by a token that names one, with its hash or without', async () => {
    const { file, mark, text } = evil();
    await refused(['replay', token(`${file}\nsw`, packed(TEST))], /no protocol/);
    const hashed = `${file}#${textHash(text)}`;
    await refused(['replay', token(`${hashed}\nsw`, packed(TEST))], /is no variant: it is not run/);
    expect(existsSync(mark)).toBe(false);
  });

  it('by an expectation', async () => {
    const name = 'evil.ts';
    await refused(['check', litmus(`expect ${name}: holds`)], /:6:8: no protocol 'evil\.ts'/);
    const violated = litmus(`expect ${name}: violated S1`);
    await refused(['shrink', violated], /no protocol 'evil\.ts'/);
  });
});

describe('files that are none', () => {
  it('links that go round in a circle', async () => {
    const loop = join(dirname(tempFile('x', '')), 'loop.litmus');
    symlinkSync(loop, loop);
    await refused(['litmus', loop], /its links go round in a circle/);
  });

  it.each([
    ['variant', 'x.litmus', /ends in \.ts/],
    ['litmus', 'x.ts', /ends in \.litmus/],
    ['variant', 'a\nb.ts', /expected a name/],
  ])('init %s %j', async (what, name, message) => {
    const { status, err } = await gmemcheck('init', what, name);
    expect({ status, err }).toEqual({ status: 2, err: expect.stringMatching(message) });
    expect(existsSync(name)).toBe(false);
  });
});
