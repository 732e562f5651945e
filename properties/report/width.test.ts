import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestLayout, drawColumns } from '../../src/report/columns.js';
import type { Event } from '../../src/report/events.js';
import { drawList } from '../../src/report/list.js';
import { ascii } from '../../src/report/text.js';
import { wrap } from '../../src/report/wrap.js';
import { CHECKED_FAULT, CLOSE, POPULATE, PUNCH, report } from './toy-report.js';
import { seedOf } from '../model/seed.js';

/** What a mail to a kernel list may consist of. */
const isMailable = (line: string): boolean =>
  line.length <= 75 && /^[ -~]*$/.test(line) && !line.endsWith(' ');

const expectMailable = (lines: readonly string[]): void =>
  expect(lines.filter((line) => !isMailable(line))).toEqual([]);

/** Short, long, in words or not, with whatever characters. */
const anyText = fc.oneof(
  fc.string({ maxLength: 200, unit: 'grapheme' }),
  fc.lorem({ maxCount: 30 }),
  fc.string({
    minLength: 20,
    maxLength: 120,
    unit: fc.constantFrom('a', '_', '(', ')', '->', '.'),
  }),
);
const clean = anyText.map(ascii);

const eventFor = (actors: number): fc.Arbitrary<Event> =>
  fc.record({
    actor: fc.nat(actors - 1),
    depth: fc.nat(60),
    text: clean,
    remarks: fc.array(clean.filter(Boolean), { maxLength: 3 }),
    mark: fc.oneof(fc.constant(''), clean),
  });

test('a report is mailable whatever its names and statements', () => {
  const programs = fc.uniqueArray(anyText, { minLength: 1, maxLength: 5 }).chain((names) =>
    fc.record({
      names: fc.constant(names),
      operations: fc.array(anyText, { minLength: names.length, maxLength: names.length }),
      id: anyText,
      statement: anyText,
      value: anyText,
      kind: fc.constantFrom('broken' as const, 'witness' as const, 'deadlock' as const),
      order: fc.array(fc.nat(names.length - 1), { maxLength: 3 }),
    }),
  );
  const flows = [CHECKED_FAULT, PUNCH, CLOSE, POPULATE, CHECKED_FAULT];
  fc.assert(
    fc.property(programs, ({ names, operations, id, statement, value, kind, order }) => {
      const byName = Object.fromEntries(names.map((_, i) => [`a${i}`, flows[i]!]));
      // Each takes its first step at most: those never exclude one another here.
      const schedule = [...new Set(order)].filter((a) => a !== 3 || !order.includes(1));
      const text = report(byName, schedule.join(' ') || '0', {
        actors: names,
        operations: operations.map((text) => [text]),
        finding: { kind, id, statement },
        names: { observed: () => value },
      });
      expectMailable(text.split('\n'));
    }),
    { seed: seedOf(1) },
  );
});

test('columns are mailable whatever stands in them', () => {
  const inputs = fc
    .integer({ min: 1, max: 3 })
    .chain((n) =>
      fc.tuple(
        fc.array(clean, { minLength: n, maxLength: n }),
        fc.array(eventFor(n), { minLength: 1, maxLength: 12 }),
      ),
    );
  fc.assert(
    fc.property(inputs, ([names, events]) => {
      const actors = names.map((_, i) => i);
      expectMailable(drawColumns(events, names, bestLayout(events, actors)));
      expectMailable(drawList(events, names));
    }),
    { numRuns: 60, seed: seedOf(2) },
  );
});

test('wrapped prose keeps its words', () => {
  fc.assert(
    fc.property(fc.lorem({ maxCount: 60 }), (text) => {
      const lines = wrap(text, '  ', '    ');
      expectMailable(lines);
      expect(lines.map((line) => line.trim()).join(' ')).toBe(text);
    }),
    { seed: seedOf(3) },
  );
});
