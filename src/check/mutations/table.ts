import { mutations as every } from '../../../models/mutations/index.js';
import { variantOf, type Mutation } from '../../../models/mutations/mutation.js';
import { invariants } from '../../../models/invariants/index.js';
import { brokenBy } from '../../../models/progress/progress.js';
import { progress } from '../../../models/progress/index.js';
import { counted } from '../../explore/counted.js';
import { wrap } from '../../report/wrap.js';
import { checkTest, type CheckResult } from '../check.js';
import type { CheckOptions } from '../question.js';
import { nameOf, type Mutant } from './tried.js';

const OPTIONS: CheckOptions = {
  strategy: 'exhaustive',
  maxStates: 60_000,
  runs: 0,
  seed: 0,
  memory: undefined,
};

/** A mutant with what its test says. */
export interface Tried {
  readonly mutant: Mutant;
  readonly result: CheckResult;
}

export function tryMutant(mutant: Mutant): Tried {
  const protocol = variantOf(mutant.mutation, mutant.version);
  const named = { protocol, reference: nameOf(mutant) };
  return { mutant, result: checkTest(mutant.test, named, OPTIONS).result };
}

export const isCaught = ({ mutant, result }: Tried): boolean =>
  result.verdict === 'violated' && result.property === mutant.property;

/** The table for people; every line fits a mail. */
export function tableLines(mutations: readonly Mutation[], tried: readonly Tried[]): string[] {
  const rows = mutations.map((mutation) => ({
    mutation,
    tried: tried.filter((t) => t.mutant.mutation === mutation),
  }));
  const isWhole = mutations.length === every.length;
  const lines = rows.flatMap((row) => ['', ...rowLines(row.mutation, row.tried)]);
  return [...lines, '', ...sums(tried, isWhole)];
}

function rowLines(mutation: Mutation, tried: readonly Tried[]): string[] {
  const { id, base, why, caught } = mutation;
  const lines = [id, ...wrap(why, '  ')];
  const say = (text: string): void => void lines.push(...wrap(text, '    ', '      '));
  if ('equivalent' in caught) say(`${base}: changes no verdict, for ${caught.equivalent}`);
  if ('mends' in caught) say(`${base}: mends ${caught.test}, ${caught.mends}`);
  for (const [test, group] of grouped(tried)) {
    const caughtIn = group.filter(isCaught);
    const found = new Set(caughtIn.flatMap((t) => t.result.steps ?? []));
    // An `exists` that nothing satisfies has no run to show.
    const steps = found.size > 0 ? `, ${[...found].join(', ')} steps` : '';
    const where = caughtIn.map((t) => t.mutant.version).join(' ');
    const { property, test: litmus } = group[0]!.mutant;
    const stuck = brokenBy(progress, id);
    say(
      `${stuck ? `${stuck}, ` : ''}${property} by ${test} (${scopeOf(litmus.scenario)})${steps}: ${where}`,
    );
    for (const t of group) if (!isCaught(t)) say(`${t.mutant.version}: NOT CAUGHT`);
  }
  return lines;
}

function grouped(tried: readonly Tried[]): Map<string, Tried[]> {
  const groups = new Map<string, Tried[]>();
  for (const each of tried) {
    const { name } = each.mutant.test;
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  return groups;
}

const scopeOf = (s: Mutant['test']['scenario']): string =>
  [
    s.memory,
    counted(s.pages, 'page'),
    counted(s.columns.length, 'thread'),
    ...(s.faults > 0 ? [counted(s.faults, 'failure')] : []),
  ].join(', ');

/**
 * How many each property catches, and each statement of progress by whatever property; one that
 * catches none of all changes is vacuous.
 */
function sums(tried: readonly Tried[], isWhole: boolean): string[] {
  const caught = tried.filter(isCaught);
  const properties = new Set(caught.map((t) => t.mutant.property));
  const ids = invariants.map((i) => i.id);
  const rows = [
    ...ids.map((id) => rowOf(id, byProperty(caught, id), isWhole)),
    ...[...properties]
      .filter((property) => !ids.includes(property))
      .map((property) => rowOf(property, byProperty(caught, property), isWhole)),
  ].flat();
  const stuck = progress.flatMap(({ id }) =>
    rowOf(
      id,
      caught.filter((t) => brokenBy(progress, t.mutant.mutation.id) === id),
      isWhole,
    ),
  );
  const head = `${counted(idsOf(caught).size, 'change')}, made on ${counted(caught.length, 'version')} in all, are caught by`;
  return [head, ...rows, ...(stuck.length > 0 ? ['of these, of progress'] : []), ...stuck];
}

const byProperty = (caught: readonly Tried[], property: string): Tried[] =>
  caught.filter((t) => t.mutant.property === property);

const idsOf = (tried: readonly Tried[]): Set<string> =>
  new Set(tried.map((t) => t.mutant.mutation.id));

/** Changes, and versions that they are made on; nothing where only some were tried. */
function rowOf(name: string, mine: readonly Tried[], isWhole: boolean): string[] {
  if (mine.length === 0 && !isWhole) return [];
  const said = mine.length > 0 ? `${idsOf(mine).size} (${mine.length})` : 'NONE: vacuous';
  return [`  ${name.padEnd(10)} ${said}`];
}
