import { describe, expect, it } from 'vitest';
import { invariants } from '../../models/invariants/index.js';
import { readTest } from '../../models/language/index.js';
import type { Known } from '../../models/races/race.js';
import { races } from '../../models/races/index.js';
import { buildWorld } from '../../models/world.js';
import { stateOf } from '../../src/check/races/shown.js';
import { committedTest } from '../../src/check/tests.js';
import { InputError } from '../../src/core/errors.js';
import { Machine } from '../../src/core/machine.js';
import { Run } from '../../src/core/run.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { shrink } from '../../src/shrink/shrink.js';

/** The parts of a litmus file, by nothing but its text. */
interface Parts {
  readonly words: readonly string[];
  /** Of each column its name and its operations. */
  readonly columns: readonly (readonly string[])[];
}

function partsOf(text: string): Parts {
  const words = /\{(.*?)\}/s.exec(text)![1]!.replace(/\s+/g, ' ').split('; ');
  const rows = [...text.matchAll(/^ (.*) ;$/gm)].map((row) => row[1]!.split(/ \| ?/));
  const cellsOf = (at: number): string[] => rows.map((row) => row[at]!.trim()).filter(Boolean);
  return {
    words: words.map((w) => w.trim()).filter(Boolean),
    columns: rows[0]!.map((_, i) => cellsOf(i)),
  };
}

function textOf({ words, columns }: Parts): string {
  const height = Math.max(...columns.map((c) => c.length));
  const rows = Array.from({ length: height }, (_, y) => columns.map((c) => c[y] ?? '').join(' | '));
  return [
    `gmem less`,
    `{ ${words.map((w) => `${w};`).join(' ')} }`,
    ...rows.map((r) => ` ${r} ;`),
    '',
  ].join('\n');
}

/** One actor, operation, page, VM, fault or word of the initial state less. */
function* lessThan({ words, columns }: Parts): Generator<Parts> {
  for (const [x, column] of columns.entries()) {
    yield { words, columns: columns.toSpliced(x, 1) };
    for (let y = 1; y < column.length; y++)
      yield { words, columns: columns.with(x, column.toSpliced(y, 1)) };
  }
  for (const [at, word] of words.entries()) {
    yield { words: words.toSpliced(at, 1), columns };
    const count = /^(pages|gfns|vms|faults)=(\d+)$/.exec(word);
    if (count) yield { words: words.with(at, `${count[1]}=${Number(count[2]) - 1}`), columns };
  }
  const oneVm = words.filter((w) => !/^(vm1:|vms=)/.test(w));
  if (oneVm.length < words.length)
    yield { words: oneVm, columns: columns.filter(([name]) => !name!.startsWith('vm1:')) };
  yield { words: [...words, 'slot[0]=none'], columns };
}

describe('what is proven minimal', () => {
  it.each(['prepared-although-refused', 'file-of-another-vm', 'track-finds-td-busy'])(
    '%s: with one thing less, by its text, nothing of it is left',
    async (id) => {
      const { breaks } = races.find((r): r is Known => r.id === id && r.kind === 'race')!;
      const named = await stateOf(breaks.under);
      const { protocol } = named;
      const asked = { named, property: breaks.property, maxStates: 100_000 };
      const { text } = shrink(committedTest(breaks.test)!, asked);
      const found = (parts: Parts): string => {
        try {
          const { scenario } = readTest(textOf(parts), 'less.litmus', protocol.own);
          const machine = new Machine(buildWorld(scenario, protocol, invariants).world);
          // No run goes on from there.
          if (new Run(machine).broken !== undefined) return 'broken to begin with';
          return new ExhaustiveSearch(machine, { maxStates: 100_000 }).run().verdict;
        } catch (error) {
          if (error instanceof InputError) return 'no scenario';
          throw error;
        }
      };
      const whole = partsOf(text);
      expect(found(whole)).toBe('violated');
      const less = [...lessThan(whole)].map(found);
      expect(less.filter((verdict) => verdict === 'holds').length).toBeGreaterThan(2);
      expect(less).not.toContain('violated');
    },
  );
});
