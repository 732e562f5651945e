import { InputError } from '../../src/core/index.js';
import type { Expectation, Expression, Litmus } from '../../src/litmus/ast.js';
import { at, parseLitmus } from '../../src/litmus/parse.js';
import { nearest } from '../../src/nearest.js';
import { defaultInvariants, invariants } from '../invariants/index.js';
import type { AskedCondition, Scenario } from '../scenario.js';
import { readChanges } from './changes.js';
import { readCondition } from './compile.js';
import { readInitial } from './initial.js';
import { checkSlots } from './vms.js';
import { NOTHING_OWN, type Own } from '../variants/own.js';
import { readOrders } from './orders.js';
import { checkAfter, checkRange } from './call-checks.js';
import { readCall } from './operations.js';

/** A litmus file with its words given their meaning. */
export interface LitmusTest {
  readonly name: string;
  readonly title: string;
  /** The file it was read from, as messages name it. */
  readonly file: string;
  /** The file's text, for tokens. */
  readonly text: string;
  readonly litmus: Litmus;
  readonly scenario: Scenario;
  readonly condition: AskedCondition | undefined;
  readonly expectations: readonly Expectation[];
}

/** Most operations of one column, most columns: beyond, nothing can be searched. */
const MAX_OPERATIONS = 16;
const MAX_COLUMNS = 8;

/** Reads a litmus test. @throws InputError `file:line:column: ...` */
export function readTest(text: string, file: string, own: Own = NOTHING_OWN): LitmusTest {
  const litmus = parseLitmus(text, file);
  checkSizes(litmus, file);
  const columns = litmus.columns.map(({ name }, i) => ({
    name,
    calls: litmus.programs[i]!.map((op) => readCall(op, name, file, own)),
  }));
  const world = readInitial(
    litmus,
    file,
    columns.flatMap((c) => c.calls),
    own,
  );
  columns.forEach((column, i) =>
    column.calls.forEach((call, n) => {
      checkRange(call, litmus.programs[i]![n]!, file, world);
      checkAfter(call, litmus.programs[i]![n]!, file, columns);
    }),
  );
  checkSlots(world, columns, file);
  const checks = checked(litmus, file, own);
  checkExpectations(litmus, file, own);
  const provenance = checks.includes('S4s') || asksFor(litmus.condition?.expression, 'left');
  const orders = readOrders(litmus, file);
  const changes = readChanges(litmus, file);
  const scenario: Scenario = {
    ...world,
    columns,
    invariants: checks,
    provenance,
    ...(orders.length > 0 ? { orders } : {}),
    ...(changes.length > 0 ? { changes } : {}),
  };
  return {
    name: litmus.name,
    title: litmus.title,
    file,
    text,
    litmus,
    scenario,
    condition: readCondition(litmus, scenario, file),
    expectations: litmus.expectations,
  };
}

/** @throws InputError pointing at what is too much */
function checkSizes({ columns, programs }: Litmus, file: string): void {
  const column = columns[MAX_COLUMNS];
  if (column) throw new InputError(`${at(file, column.at)}: more than ${MAX_COLUMNS} columns`);
  const [op] = programs.flatMap((program) => program.slice(MAX_OPERATIONS, MAX_OPERATIONS + 1));
  if (op)
    throw new InputError(`${at(file, op.at)}: more than ${MAX_OPERATIONS} operations in a column`);
}

/** Does a condition mention an observable? */
function asksFor(e: Expression | undefined, name: string): boolean {
  if (!e) return false;
  if (e.kind === 'not') return asksFor(e.of, name);
  if (e.kind === 'compare') return e.actor === undefined && e.place.name === name;
  if (e.kind === 'order') return false;
  return asksFor(e.left, name) || asksFor(e.right, name);
}

/** Each protocol once; a property that can break. @throws InputError pointing at it. */
function checkExpectations({ expectations }: Litmus, file: string, own: Own): void {
  const seen = new Set<string>();
  const known = [...namesOf(own), 'deadlock', 'doomed', 'livelock', 'condition'];
  for (const { protocols, property } of expectations) {
    if (property && !known.includes(property.text))
      throw new InputError(
        `${at(file, property.at)}: no property '${property.text}'${nearest(property.text, known)}; expected one of ${known.join(', ')}`,
      );
    for (const { text, at: position } of protocols) {
      if (seen.has(text))
        throw new InputError(`${at(file, position)}: a second expectation of ${text}`);
      seen.add(text);
    }
  }
}

/** All invariants that there are. */
const namesOf = (own: Own): string[] => [...invariants, ...own.invariants].map((i) => i.id);

function checked(litmus: Litmus, file: string, own: Own): string[] {
  const known = namesOf(own);
  for (const { text, at: position } of litmus.checks)
    if (!known.includes(text))
      throw new InputError(
        `${at(file, position)}: no invariant '${text}'${nearest(text, known)}; expected one of ${known.join(', ')}`,
      );
  const named = litmus.checks.map((c) => c.text);
  return litmus.checksOnly ? named : [...defaultInvariants, ...named];
}
