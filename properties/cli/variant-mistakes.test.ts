import { describe, expect, it } from 'vitest';
import { refused, tempFile } from './run.js';

const ALONE = `gmem alone "alone" { pages=1; } host ; fallocate(PUNCH_HOLE, 0, 1) ; expect P9: holds`;

/** A series on P9 whose hole does something else first, from line 5 on. */
const series = (first: string): string =>
  tempFile(
    'my-series.ts',
    `import { before, protocolById, step, test, variant, type Kernel } from 'gmemcheck';
export default variant(protocolById('P9'), {
  id: 'my-series', title: 'a series', functions: (base) => ({
    kvm_gmem_punch_hole: before(base.kvm_gmem_punch_hole, 'filemap_inv', function* (k: Kernel) {
${first}
    }),
  }),
});
`,
  );

describe("mistakes in a variant's code are told with their place in its file", () => {
  it.each<[string, string, RegExp]>([
    [
      'what is thrown in a step',
      'yield* step("x",\n () => void (null as never as number[])[0]);',
      /my-series\.ts:6: TypeError: Cannot read properties of null/,
    ],
    [
      'a call of nothing',
      'yield* (k as any).kvm_gmem_nothing();',
      /my-series\.ts:5: TypeError: .* is not /,
    ],
    ['an error of its own', '\nthrow new Error("not yet");', /my-series\.ts:6: not yet/],
    [
      'a store beyond its array',
      'yield* step("x", () => k.inodes[0]!.i_pages.store(99, 1));',
      /my-series\.ts:5: host, kvm_gmem_punch_hole, step 'x': .*\[99\]: index outside/,
    ],
    ['syntax', '  yield* step("x", () => {);', /my-series\.ts:5:\d+: ParseError: Unexpected token/],
    ['no step at all', 'yield 3 as never;', /kvm_gmem_punch_hole yielded 3: expected yield\*/],
  ])('%s', (_what, first, message) =>
    refused(['check', tempFile('alone.litmus', ALONE), '--protocol', series(first)], message),
  );

  it.each<[string, string]>([['for the same', 'while (yield* test("is it?", () => true));']])(
    'a loop that asks %s and never ends does end',
    async (_what, first) => {
      const begin = performance.now();
      await refused(
        ['check', tempFile('alone.litmus', ALONE), '--protocol', series(first)],
        /kvm_gmem_punch_hole\(\) has taken \d+ steps in one call .* goes round step '(is it\?|round)/,
      );
      expect(performance.now() - begin).toBeLessThan(60_000);
    },
  );

  it.each<[string, string, RegExp]>([
    ['that throws', '\nthrow new Error("at once");', /x\.ts:2: at once/],
    [
      'that is no protocol',
      'export default 3;',
      /x\.ts: expected a protocol as its default export/,
    ],
    [
      'that needs another',
      'import "./nothing.js";',
      /x\.ts:1: Cannot find module '\.\/nothing\.js'/,
    ],
  ])('a file %s', (_what, text, message) =>
    refused(['check', '--protocol', tempFile('x.ts', text)], message),
  );
});
