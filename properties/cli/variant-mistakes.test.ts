import { describe, expect, it } from 'vitest';
import { refused, tempFile } from './run.js';

const ALONE = `gmem alone "alone" { pages=1; } host ; fallocate(PUNCH_HOLE, 0, 1) ; fallocate(ALLOCATE, 0, 1) ; expect P9: holds`;

const IMPORTS =
  'import { answered, before, from, given, later, locks, protocolById, replace, step, test, ' +
  "variant, without, type Kernel } from 'gmemcheck';";

/** A series on P9 with these functions, on line 4. */
const functions = (text: string): string =>
  tempFile(
    'my-series.ts',
    `${IMPORTS}
export default variant(protocolById('P9'), {
  id: 'my-series', title: 'a series', functions: (f: any) => ({
    ${text}
  }),
});
`,
  );

const check = (...args: string[]): string[] => ['check', tempFile('alone.litmus', ALONE), ...args];

/** A series on P9 whose hole does something else first, from line 5 on. */
const series = (first: string): string =>
  tempFile(
    'my-series.ts',
    `${IMPORTS}
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
      'yield* (k as any).kvm_gmem_punch();',
      /my-series\.ts:5: k\.kvm_gmem_punch: .* no such function; did you mean 'kvm_gmem_punch_hole'\?/,
    ],
    ['an error of its own', '\nthrow new Error("not yet");', /my-series\.ts:6: not yet/],
    [
      'a store beyond its array',
      'yield* step("x", () => k.inodes[0]!.i_pages.store(99, 1));',
      /my-series\.ts:5: host, kvm_gmem_punch_hole, step 'x': .*\[99\]: index outside/,
    ],
    ['syntax', '  yield* step("x", () => {);', /my-series\.ts:5:\d+: ParseError: Unexpected token/],
    ['no step at all', 'yield 3 as never;', /kvm_gmem_punch_hole yielded 3: expected yield\*/],
  ])('%s', (_what, first, message) => refused(check('--protocol', series(first)), message));

  it.each<[string, string]>([['for the same', 'while (yield* test("is it?", () => true));']])(
    'a loop that asks %s and never ends does end',
    async (_what, first) => {
      const begin = performance.now();
      await refused(
        check('--protocol', series(first)),
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

describe('what cannot be is told where it is asked for', () => {
  const hole = 'kvm_gmem_punch_hole';
  const truncate = "'truncate_inode_pages_range'";
  const own = (body: string): string =>
    `${hole}: from('x', 'v1')(function* (k: any, ...args: any[]): any { ${body} }),`;
  it.each<[string, string, RegExp]>([
    [
      'a function by a wrong name',
      `${hole}: without(f.kvm_gmem_punch_hol, ['x']),`,
      /P9 has no function 'kvm_gmem_punch_hol'; did you mean 'kvm_gmem_punch_hole'\?/,
    ],
    [
      'a function that takes other things',
      `${hole}: f.kvm_gmem_invalidate_end,`,
      /kvm_gmem_punch_hole\(\): TypeError/,
    ],
    [
      'a function that does nothing in steps',
      `${hole}: from('x', 'v1')(() => 0),`,
      /has no steps: expected function\*/,
    ],
    ['no function', `${hole}: without(undefined, ['x']),`, /expected a function of the base first/],
    ['no label', `${hole}: without(f.${hole}, ['']),`, /expected what a step's label begins with/],
    ['no labels', `${hole}: without(f.${hole}, []),`, /expected a list of the steps/],
    [
      'no steps',
      `${hole}: before(f.${hole}, ${truncate}, 3),`,
      /expected a function that has more steps, got 3/,
    ],
    [
      'steps that are none',
      `${hole}: replace(f.${hole}, ${truncate}, () => 0),`,
      /expected steps, as function\* has them, got 0/,
    ],
    [
      'a place before',
      `${hole}: later(f.${hole}, ${truncate}, -1),`,
      /expected by how many places it is later, 1 or more, got -1/,
    ],
    [
      'a value later that is needed',
      `kvm_gmem_allocate: later(f.kvm_gmem_allocate, 'kvm_gmem_get_folio'),`,
      /gives a value that is needed at once/,
    ],
    [
      'an answer that is none',
      `${hole}: answered(f.${hole}, ${truncate}, NaN),`,
      /expected an integer, a truth value or a list of integers, got NaN/,
    ],
    [
      'no arguments',
      `${hole}: given(f.${hole}, () => undefined),`,
      /expected a list of arguments, as in given/,
    ],
    [
      'too few arguments',
      `${hole}: given(f.${hole}, (k) => [k]),`,
      /expected 4 arguments with the kernel, got 1/,
    ],
    [
      'no kernel',
      `${hole}: given(f.${hole}, (k, ...more) => more),`,
      /expected the kernel as the first argument/,
    ],
    [
      'arguments in another order',
      `${hole}: given(f.${hole}, (k, i, s, e) => [k, s, i, e]),`,
      /argument 1: expected a structure, got a number/,
    ],
    ['a call of itself', own(`return yield* k.${hole}(...args);`), /calls itself for ever/],
    ['a value that is none', own('return NaN;'), /kvm_gmem_punch_hole returned NaN/],
    [
      'a lock that is not held',
      own('yield* locks.filemap_invalidate_unlock(args[0]);'),
      /not held/,
    ],
    [
      'all functions',
      `...f, ${hole}: without(f.${hole}, ['x']),`,
      /the same as in P9, and \d+ more: name only/,
    ],
  ])('%s', (_what, text, message) => {
    const place = /all functions/.test(_what) ? /:[23]: / : /:4:(?! ?\d+: \d)/;
    const both = new RegExp(`my-series\\.ts${place.source}.*${message.source}`);
    return refused(check('--protocol', functions(text)), both);
  });
});

describe('a description of a variant', () => {
  const P9 = "protocolById('P9')";
  const functions = 'functions: (f) => ({ kvm_gmem_bind: without(f.kvm_gmem_bind, ["x"]) })';
  const named = "id: 'x', title: 'x'";
  it.each<[string, string, RegExp]>([
    [
      'without a base',
      `undefined, { ${named}, ${functions} }`,
      /expected what it starts from first/,
    ],
    ['of no version', `protocolById('P99'), { ${named} }`, /no protocol 'P99'; did you mean 'P9'/],
    [
      'without an id',
      `${P9}, { title: 'x', ${functions} }`,
      /id: expected string, received nothing/,
    ],
    [
      'of two lines',
      `${P9}, { id: 'x', title: 'a\\nb', ${functions} }`,
      /title: expected one line/,
    ],
    [
      'with a word of its own',
      `${P9}, { ${named}, function: 3, ${functions} }`,
      /no 'function'; did you mean 'functions'/,
    ],
    ['without functions', `${P9}, { ${named} }`, /functions: expected a function/],
    [
      'of a kind by a wrong name',
      `${P9}, { ${named}, kinds: ['snpp'], ${functions} }`,
      /did you mean 'snp'/,
    ],
    [
      'that lacks what nobody has',
      `${P9}, { ${named}, lacks: ['falocate'], ${functions} }`,
      /did you mean 'fallocate'/,
    ],
    [
      'with an operation that is known',
      `${P9}, { ${named}, own: { operations: { fallocate: { form: 'x', enters: 'y', run: () => {} } } }, ${functions} }`,
      /an operation 'fallocate' already/,
    ],
    [
      'with half an invariant',
      `${P9}, { ${named}, own: { invariants: [{ id: 'X' }] }, ${functions} }`,
      /own.invariants.0.statement: expected string/,
    ],
  ])('%s', (_what, args, message) =>
    refused(
      check('--protocol', tempFile('x.ts', `${IMPORTS}\nexport default variant(${args});`)),
      new RegExp(`x\\.ts:2: .*${message.source}`),
    ),
  );

  it('that changes nothing', () =>
    refused(
      check(
        '--protocol',
        tempFile(
          'x.ts',
          "import { protocol, protocolById } from 'gmemcheck';\nexport default protocol(protocolById('P9'), { id: 'x', title: 'x' });",
        ),
      ),
      /x\.ts: x changes nothing of P9/,
    ));
});
