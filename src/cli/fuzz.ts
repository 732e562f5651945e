import type { Own } from '../../models/variants/own.js';
import { findProtocol } from '../check/protocols.js';
import { readTextFile } from '../check/tests.js';
import { InputError } from '../core/errors.js';
import { counted } from '../explore/counted.js';
import { wrap } from '../report/wrap.js';
import { Exercise } from '../shrink/exercise.js';
import { exerciseLines } from '../shrink/exercise-text.js';
import { Examples, testsIn, type Example } from '../shrink/examples.js';
import { fuzz, stillBreaks, type Fuzzed, type FuzzOptions } from '../shrink/fuzz.js';
import { committedExamples } from '../shrink/known.js';
import { shrunkJson, shrunkText } from '../shrink/text.js';
import { whyOf } from '../shrink/why.js';
import { OK, UNEXPECTED, type Out } from './options.js';

export interface FuzzArguments {
  readonly protocol: string;
  readonly runs: number;
  readonly seed?: number;
  readonly maxStates: number;
  /** Litmus files behind one another, to be kept as well. */
  readonly corpus?: string;
  /** Where examples are kept. */
  readonly folder: string;
  /** Says what the scenarios exercised. */
  readonly statistics?: boolean;
  readonly flat?: boolean;
  readonly json?: boolean;
}

const LONGEST = 16 * 1024 * 1024;

/** `gmemcheck fuzz`. @returns the exit status. @throws InputError */
export async function runFuzz(args: FuzzArguments, out: Out): Promise<number> {
  const named = await findProtocol(args.protocol);
  const { id, own } = named.protocol;
  const seed = args.seed ?? Math.floor(Math.random() * 2 ** 31);
  const options: FuzzOptions = { ...args, named, seed };
  const kept = new Examples(args.folder);
  const say: Out = args.json ? () => {} : out;
  const added = args.corpus === undefined ? 0 : addCorpus(args.corpus, kept, own);
  const examples = kept.of(id, own);
  say(`${id}: ${counted(args.runs, 'scenario')}, seed ${seed}\n`);
  if (args.corpus !== undefined) say(`  ${counted(added, 'example')} of ${args.corpus} added\n`);
  const before = examples.map((example) => {
    const now = stillBreaks(example, options);
    say(`  ${example.name}: ${example.property} ${now === 'breaks' ? 'still breaks' : now}\n`);
    return { example, now };
  });
  const known = [...before.map((b) => b.example), ...committedExamples(id)];
  const exercise = args.statistics ? new Exercise(named) : undefined;
  const fuzzed = fuzz(options, known, {
    exercise,
    onFound: (shrunk, run) => {
      let path: string | undefined;
      try {
        path = kept.keep(shrunk.text);
      } finally {
        // Also where it cannot be kept.
        say(`\n${shrunkText(shrunk, { why: whyOf(shrunk) }, args.flat)}\n`);
      }
      say(`Scenario ${run} of seed ${seed}; kept ${path ? `as ${path}` : 'already'}\n`);
    },
  });
  const json = { ...jsonOf(fuzzed, before, seed), ...(exercise && { exercised: exercise.json }) };
  if (args.json) out(`${JSON.stringify(json, null, 2)}\n`);
  else out(`${[...summary(fuzzed), ...statistics(exercise)].join('\n')}\n`);
  const isBroken = fuzzed.found.length > 0 || before.some((b) => b.now === 'breaks');
  return isBroken ? UNEXPECTED : OK;
}

/** Examples of any protocol: those of others wait for theirs. @returns how many are new */
function addCorpus(file: string, kept: Examples, own: Own): number {
  const tests = testsIn(readTextFile(file, LONGEST), file, own);
  const idle = tests.find(
    (t) => !t.expectations.some((e) => e.verdict === 'violated' && e.property),
  );
  if (idle)
    throw new InputError(
      `${file}: ${idle.name} is no example: expected a line such as 'expect P3: violated S1'`,
    );
  return tests.filter(({ text }) => kept.keep(text) !== undefined).length;
}

function summary({ runs, undecided, known, found }: Fuzzed): string[] {
  const like = [...known].map(([name, count]) => `${name} (${count})`).join(', ');
  return [
    ...wrap(
      `${counted(runs, 'scenario')}: ${found.length} new, ` +
        `${undecided} undecided${like ? `; known: ${like}` : ''}`,
      '',
      '  ',
    ),
  ];
}

const statistics = (exercise: Exercise | undefined): string[] =>
  exercise ? ['', ...exerciseLines(exercise)] : [];

type Before = { readonly example: Example; readonly now: string };

const jsonOf = (fuzzed: Fuzzed, before: readonly Before[], seed: number): object => ({
  seed,
  runs: fuzzed.runs,
  undecided: fuzzed.undecided,
  kept: before.map(({ example, now }) => ({
    name: example.name,
    property: example.property,
    now,
  })),
  known: Object.fromEntries(fuzzed.known),
  found: fuzzed.found.map((shrunk) => shrunkJson(shrunk, { why: whyOf(shrunk) })),
});
