import { BLOCKED, type Machine } from '../core/machine.js';
import type { Schedule } from '../core/schedule.js';
import { scheduleTo } from './ancestry.js';
import { isBroken, type Goal } from './goal.js';
import { hashRow, StateTable } from './states.js';

/** Whether any run comes to a goal; `schedule` is then a shortest one. */
export interface Reach {
  readonly answer: 'yes' | 'no' | 'bound hit';
  readonly states: number;
  readonly schedule: Schedule | undefined;
}

/**
 * Breadth-first search of every state that unbroken runs come by, for one that is a goal.
 * @param isOver in which memories runs end besides
 */
export function reach(
  machine: Machine,
  goal: Goal,
  maxStates: number,
  isOver: (memory: number) => boolean = () => false,
): Reach {
  const actors = machine.initialNodes.length;
  const states = new StateTable(actors + 1);
  const row = new Int32Array(actors + 1);
  row[0] = machine.initialMemory;
  row.set(machine.initialNodes, 1);
  states.add(row, hashRow(row), -1);
  const end = (answer: Reach['answer'], id = -1): Reach => ({
    answer,
    states: states.count,
    schedule: id < 0 ? undefined : scheduleTo(machine, states, id),
  });
  for (let id = 0; id < states.count; id++) {
    states.read(id, row);
    const memory = row[0]!;
    if (goal.among === 'all' && goal.holds(memory)) return end('yes', id);
    if (isBroken(machine, memory) || isOver(memory)) continue;
    let [enabled, running] = [0, 0];
    for (let a = 1; a <= actors; a++) {
      const node = row[a]!;
      const count = machine.options[node]!;
      if (count > 0) running++;
      for (let option = 0; option < count; option++) {
        const at = machine.look(memory, node + option);
        if (machine.moves.memoryAt(at) === BLOCKED) continue;
        enabled++;
        row[0] = machine.moves.memoryAt(at);
        row[a] = machine.moves.nodeAt(at);
        states.add(row, hashRow(row), id);
        row[0] = memory;
        row[a] = node;
      }
    }
    if (enabled === 0 && goal.among === (running > 0 ? 'stuck' : 'final') && goal.holds(memory))
      return end('yes', id);
    if (states.count > maxStates) return end('bound hit');
  }
  return end('no');
}
