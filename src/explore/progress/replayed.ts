import { BLOCKED, type Machine } from '../../core/machine.js';
import { Run } from '../../core/run.js';
import type { Decision, Schedule } from '../../core/schedule.js';
import { waitsFor } from '../../core/waits.js';
import { hashRow, StateTable } from '../states.js';
import { isFreeMove } from './graph.js';
import { DOOMED, LIVELOCK, type Lasso } from './lasso.js';

/**
 * A lasso found again in a run that is replayed: a schedule does not say where
 * its loop begins, nor what is wrong with it. Undefined where the run shows
 * neither: it does not come back to where it was, or only an unfair scheduler
 * repeats it and everybody can still finish.
 * @param maxStates bound on what is searched to see who can still finish.
 */
export function lassoIn(
  machine: Machine,
  schedule: Schedule,
  maxStates = 1_000_000,
): Lasso | undefined {
  const rows = rowsOf(machine, schedule);
  const last = rows.at(-1)!;
  const begin = rows.findIndex((row) => row.every((word, i) => word === last[i]));
  const stem = schedule.slice(0, begin);
  const loop = schedule.slice(begin);
  if (loop.length === 0 && freeMoves(machine, last).length > 0) return undefined;
  const doomedAfter = doomedSince(machine, rows, maxStates);
  if (doomedAfter < rows.length) return { kind: DOOMED, stem, loop, doomedAfter };
  if (loop.length === 0 || !isFair(machine, rows.slice(begin), loop)) return undefined;
  return { kind: LIVELOCK, stem, loop, doomedAfter: undefined };
}

/** The states of a run: the memory, then a node per actor. */
function rowsOf(machine: Machine, schedule: Schedule): Int32Array[] {
  const run = new Run(machine);
  const row = (): Int32Array => Int32Array.of(run.memory, ...run.nodes);
  return [
    row(),
    ...schedule.map((decision) => {
      run.take(decision);
      return row();
    }),
  ];
}

/** From which state on nobody can be rescued; the number of states where that is not so. */
function doomedSince(machine: Machine, rows: readonly Int32Array[], maxStates: number): number {
  const seen = new StateTable(rows[0]!.length);
  let since = rows.length;
  // Each search goes only where none before it has been: all those were doomed.
  while (since > 0 && !canEnd(machine, rows[since - 1]!, seen, maxStates)) since--;
  return since;
}

/** Is a final state reachable by free moves? Where it takes too long to say, perhaps. */
function canEnd(machine: Machine, from: Int32Array, seen: StateTable, maxStates: number): boolean {
  const row = from.slice();
  const isDone = (): boolean => row.every((node, i) => i === 0 || machine.isDone(node));
  const stack: number[] = [];
  const visit = (): void => {
    const id = seen.add(row, hashRow(row), -1);
    if (id >= 0) stack.push(id);
  };
  visit();
  while (stack.length > 0) {
    const id = stack.pop()!;
    seen.read(id, row);
    if (isDone() || seen.count > maxStates) return true;
    for (const { actor, option } of freeMoves(machine, row)) {
      const at = machine.look(row[0]!, row[actor + 1]! + option);
      row[0] = machine.moves.memoryAt(at);
      row[actor + 1] = machine.moves.nodeAt(at);
      visit();
      seen.read(id, row);
    }
  }
  return false;
}

function freeMoves(machine: Machine, row: Int32Array): Decision[] {
  const all: Decision[] = [];
  for (let actor = 0; actor < row.length - 1; actor++) {
    const node = row[actor + 1]!;
    for (let option = 0; option < machine.options[node]!; option++) {
      const after = machine.moves.memoryAt(machine.look(row[0]!, node + option));
      if (after !== BLOCKED && isFreeMove(machine, node + option)) all.push({ actor, option });
    }
  }
  return all;
}

/** May a fair scheduler repeat these decisions for ever? @param rows their states. */
export function isFair(machine: Machine, rows: readonly Int32Array[], loop: Schedule): boolean {
  const canMove = rows.map((row) => new Set(freeMoves(machine, row).map((d) => d.actor)));
  return Array.from(rows[0]!.subarray(1), (node, actor) => {
    if (loop.some((d) => d.actor === actor)) return true;
    const isWait = waitsFor(machine.node(node).step).length > 0;
    return isWait ? canMove.every((m) => !m.has(actor)) : canMove.some((m) => !m.has(actor));
  }).every(Boolean);
}
