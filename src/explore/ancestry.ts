import { EngineError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import type { Decision, Schedule } from '../core/schedule.js';
import type { Visited } from './visited.js';

/**
 * The decisions that lead to a state, found again from its ancestors: a search
 * stores whose child a state is, and its moves are memoized.
 * @param moverOf the actor (from 1) whose move made a row, where rows tell
 */
export function scheduleTo(
  machine: Machine,
  states: Pick<Visited, 'width' | 'read' | 'parent'>,
  id: number,
  moverOf?: (row: Int32Array) => number,
): Schedule {
  const decisions: Decision[] = [];
  const before = new Int32Array(states.width);
  const after = new Int32Array(states.width);
  for (let at = id, from; (from = states.parent(at)) >= 0; at = from) {
    states.read(from, before);
    states.read(at, after);
    decisions.push(decisionBetween(machine, before, after, moverOf?.(after)));
  }
  return decisions.toReversed();
}

function decisionBetween(
  machine: Machine,
  before: Int32Array,
  after: Int32Array,
  mover: number | undefined,
): Decision {
  const { initialNodes, moves, options } = machine;
  for (let a = mover ?? 1; a <= (mover ?? initialNodes.length); a++) {
    if (!isAlone(before, after, a, initialNodes.length)) continue;
    for (let option = 0; option < options[before[a]!]!; option++) {
      const at = machine.look(before[0]!, before[a]! + option);
      if (moves.memoryAt(at) === after[0] && moves.nodeAt(at) === after[a])
        return { actor: a - 1, option };
    }
  }
  throw new EngineError('a state that no move of its parent leads to');
}

/** Have all actors but one stayed where they were? */
function isAlone(before: Int32Array, after: Int32Array, mover: number, actors: number): boolean {
  for (let a = 1; a <= actors; a++) if (a !== mover && before[a] !== after[a]) return false;
  return true;
}
