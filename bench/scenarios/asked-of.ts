import type { LitmusTest } from '../../models/language/index.js';
import { readCondition } from '../../models/language/compile.js';
import type { Call } from '../../models/operations.js';
import type { AskedCondition, Scenario } from '../../models/scenario.js';
import type { Expression } from '../../src/litmus/ast.js';
import type { Within } from './within.js';

/**
 * The condition of a test as one of a scenario that does what the test does: columns and
 * operations by their names there. @throws InputError for what that scenario has not got
 */
export function conditionIn(
  { litmus, scenario, file }: LitmusTest,
  drawn: Scenario,
  place: Within,
): AskedCondition | undefined {
  const { condition } = litmus;
  if (!condition) return undefined;
  const expression = renamed(condition.expression, (actor, name) => {
    const column = scenario.columns.findIndex((c) => c.name === actor);
    const [, field, operation] = /^(.*?)(\d+)$/.exec(name) ?? [];
    const [to, number] = [
      place.column.get(column),
      place.operation.get(column)?.get(Number(operation)),
    ];
    if (to === undefined || number === undefined) return [actor, name];
    return [drawn.columns[to]!.name, `${field}${number}`];
  });
  return readCondition({ ...litmus, condition: { ...condition, expression } }, drawn, file);
}

type Names = (actor: string, name: string) => readonly [string, string];

function renamed(e: Expression, names: Names): Expression {
  switch (e.kind) {
    case 'and':
    case 'or':
      return { ...e, left: renamed(e.left, names), right: renamed(e.right, names) };
    case 'not':
      return { ...e, of: renamed(e.of, names) };
    case 'order':
      return e;
    case 'compare': {
      if (e.actor === undefined) return e;
      const [actor, name] = names(e.actor, e.place.name);
      return { ...e, actor, place: { ...e.place, name } };
    }
  }
}

/**
 * A scenario with the words that a test has in its place, as a condition names them: which
 * words these are makes no difference but there. Undefined where two would have to be one.
 */
export function withWordsOf(test: Scenario, drawn: Scenario, place: Within): Scenario | undefined {
  const words = new Map<number, number>();
  let isOne = true;
  const pair = (from: number | undefined, to: number | undefined): void => {
    if (from === undefined || to === undefined || (from === 0 && to === 0)) return;
    isOne &&= from !== 0 && to !== 0 && (words.get(from) ?? to) === to;
    words.set(from, to);
  };
  // A page that is there with no word of its own may have any.
  for (const { index, content } of test.initial.pages)
    if (content !== 0) pair(drawn.initial.pages.find((p) => p.index === index)?.content, content);
  for (const [column, operations] of place.operation)
    for (const [from, to] of operations)
      pair(
        wordOf(drawn.columns[place.column.get(column)!]!.calls[to]!),
        wordOf(test.columns[column]!.calls[from]!),
      );
  if (!isOne || new Set(words.values()).size < words.size) return undefined;
  const all = new Set(words.values());
  const rename = (word: number): number => words.get(word) ?? unused(word, all);
  const pages = drawn.initial.pages.map((p) =>
    p.content ? { ...p, content: rename(p.content) } : p,
  );
  const columns = drawn.columns.map((c) => ({
    ...c,
    calls: c.calls.map((call) => ('value' in call ? { ...call, value: rename(call.value) } : call)),
  }));
  const maxValue = Math.max(drawn.maxValue, 10, ...all);
  return { ...drawn, initial: { ...drawn.initial, pages }, columns, maxValue };
}

const wordOf = (call: Call): number | undefined => ('value' in call ? call.value : undefined);

/** Another word than those; ten are enough for all that a scenario writes. */
function unused(word: number, taken: ReadonlySet<number>): number {
  let found = word;
  while (taken.has(found)) found = (found % 10) + 1;
  return found;
}
