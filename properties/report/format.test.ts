import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { committedTests } from '../../src/check/tests.js';
import { commentsIn } from '../../src/litmus/format/comments.js';
import { formatLitmus } from '../../src/litmus/format/format.js';
import { parseLitmus } from '../../src/litmus/parse.js';
import { gmemcheck, refused, tempFile } from '../cli/run.js';
import { effort } from '../effort.js';
import { SEED } from '../model/seed.js';

/** What a file says, wherever it says it. */
const meaning = (text: string): string =>
  JSON.stringify(parseLitmus(text, 'x'), (key, value: unknown) => {
    if (key === 'at') return undefined;
    const hasParts =
      typeof value === 'object' &&
      value !== null &&
      ['args', 'expression', 'does'].some((k) => k in value);
    return hasParts ? { ...value, text: undefined } : value;
  });

const words = (text: string): string[] =>
  commentsIn(text)
    .map((c) => c.lines.join(' ').replace(/\s+/g, ' '))
    .toSorted();

const UNUSUAL = `(* head
   two lines *)   gmem   f (* after name *)
"ti
 tle (* no comment *)"
{ memory = snp ; (* kind *)
  pages=1;
  (* before *)
  attr[0]=private; }
with { drop kvm_gmem_bind : "filemap_invalidate_lock(" = (0,-EAGAIN) ; skip is_page_fault_stale; }
 vcpu0|host;(* header *)
 (* row *)
 run:write 0 1|fallocate( PUNCH_HOLE,0 , 1 );
 (* first cell *)    | after vcpu0:r0 ; (* behind *)

check  S1   S2;
exists ( ~ filemap[0]=0/\\host:r0 = -EAGAIN  \\/ (host@a->vcpu0@b:"c d" -> vcpu0@e) (* amid *) /\\ vcpu0@e during host@f)
(* last *)
expect P3 6.12 : violated   S1 in 3 steps ,  1 preemption
(* end *)`;

describe('gmemcheck fmt', () => {
  it('puts everything in its place, comments too', () => {
    expect(formatLitmus(UNUSUAL, 'x')).toBe(`(* head
   two lines *)
gmem f (* after name *)
"ti tle (* no comment *)"
{
  memory=snp; (* kind *)
  pages=1;
  (* before *)
  attr[0]=private;
}
with {
  drop kvm_gmem_bind:"filemap_invalidate_lock(" = (0, -EAGAIN);
  skip is_page_fault_stale;
}
 vcpu0          | host                        ; (* header *)
(* row *)
 run: write 0 1 | fallocate(PUNCH_HOLE, 0, 1) ;
(* first cell *)
                | after vcpu0:r0              ; (* behind *)

check S1 S2
(* amid *)
exists (~filemap[0]=0 /\\ host:r0=-EAGAIN \\/ (host@a -> vcpu0@b:"c d" -> vcpu0@e) /\\
  vcpu0@e during host@f)
(* last *)
expect P3 6.12: violated S1 in 3 steps, 1 preemption
(* end *)
`);
  });

  it.each([...committedTests(), { name: 'the unusual one', text: UNUSUAL }])(
    '$name: says the same, with all comments, and stays as it is the second time',
    ({ text }) => {
      const once = formatLitmus(text, 'x');
      expect(meaning(once)).toBe(meaning(text));
      expect(words(once)).toEqual(words(text));
      expect(formatLitmus(once, 'x')).toBe(once);
    },
  );

  it('loses no comment, wherever one stands', () => {
    const texts = fc.constantFrom(...committedTests().map((t) => t.text), UNUSUAL);
    fc.assert(
      fc.property(texts, fc.array(fc.nat(), { maxLength: 8 }), (text, places) => {
        const parts = text.split(/("[^"]*"|\(\*[^]*?\*\)|\s+)/);
        const spaces = parts.flatMap((p, i) => (/^\s+$/.test(p) ? [i] : []));
        places.forEach((place, n) => {
          const i = spaces[place % spaces.length]!;
          parts[i] = `${n % 2 ? '\n' : ' '}(* ${n} *)${parts[i]}`;
        });
        const commented = parts.join('');
        const once = formatLitmus(commented, 'x');
        expect(words(once)).toEqual(words(commented));
        expect(meaning(once)).toBe(meaning(text));
        expect(formatLitmus(once, 'x')).toBe(once);
      }),
      { seed: SEED, numRuns: effort(50) },
    );
  });

  it('writes, or only says what it would write', async () => {
    const file = tempFile('x.litmus', UNUSUAL);
    expect(await gmemcheck('fmt', '--check', file)).toMatchObject({ status: 1, out: `${file}\n` });
    expect(readFileSync(file, 'utf8')).toBe(UNUSUAL);
    expect(await gmemcheck('fmt', file)).toMatchObject({ status: 0, out: `${file}\n` });
    expect(await gmemcheck('fmt', '--check', file)).toMatchObject({ status: 0, out: '' });
  });

  it('writes none of several where one cannot be read', async () => {
    const good = tempFile('good.litmus', UNUSUAL);
    await refused(['fmt', good, tempFile('bad.litmus', 'gmem')], /bad\.litmus:1:5: expected/);
    expect(readFileSync(good, 'utf8')).toBe(UNUSUAL);
  });
});
