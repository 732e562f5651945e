import { invariants } from '../../models/invariants/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { buildWorld } from '../../models/world.js';
import { BLOCKED, Machine } from '../../src/core/machine.js';
import type { Condition } from '../../src/core/world.js';

/** A move by its target; `isFree` where no fault and no signal is spent on it. */
interface Move {
  readonly to: number;
  readonly isFree: boolean;
}

/**
 * Everything that a test can do, state by state, with no reduction and none of the searches:
 * is any property, the condition, or getting on to the end broken anywhere?
 */
export function breaksPlainly(
  { scenario, condition }: Pick<LitmusTest, 'scenario' | 'condition'>,
  protocol: Protocol,
): boolean {
  const { world } = buildWorld(scenario, protocol, invariants, condition);
  const machine = new Machine(world);
  const first = [machine.initialMemory, ...machine.initialNodes];
  const states = [first];
  const numbers = new Map([[first.join(' '), 0]]);
  const moves: Move[][] = [];
  const isFinal: boolean[] = [];
  for (const state of states) {
    const [memory = 0, ...nodes] = state;
    isFinal.push(nodes.every((node) => machine.options[node] === 0));
    const holds = (truth: () => boolean): boolean => machine.inspect(memory, truth);
    if (world.properties.some((p) => !holds(() => p.holds()))) return true;
    if (world.condition && isBrokenBy(world.condition, isFinal.at(-1)!, holds)) return true;
    const all = nodes.flatMap((_, actor) => movesOf(machine, state, actor));
    if (all.length === 0 && !isFinal.at(-1)) return true;
    moves.push(
      all.map(({ after, isFree }) => {
        const key = after.join(' ');
        const to = numbers.get(key) ?? states.push(after) - 1;
        numbers.set(key, to);
        return { to, isFree };
      }),
    );
  }
  return !canAllFinish(moves, isFinal);
}

function isBrokenBy(
  { quantifier, holds: truth }: Condition,
  isEnd: boolean,
  holds: (truth: () => boolean) => boolean,
): boolean {
  if (quantifier === 'exists') throw new Error('a witness breaks nothing');
  const isAsked = isEnd || quantifier === 'always' || quantifier === 'never';
  const isBad = quantifier === 'never' || quantifier === 'not exists';
  return isAsked && holds(truth) === isBad;
}

function movesOf(machine: Machine, state: readonly number[], actor: number) {
  const node = state[actor + 1]!;
  return Array.from({ length: machine.options[node]! }, (_, option) => {
    const at = machine.look(state[0]!, node + option);
    const memory = machine.moves.memoryAt(at);
    if (memory === BLOCKED) return [];
    const after = state.with(0, memory).with(actor + 1, machine.moves.nodeAt(at));
    return [{ after, isFree: machine.node(node).step!.options[option]!.cost === 0 }];
  }).flat();
}

/** From every state, by moves that the environment has no part in. */
function canAllFinish(moves: readonly Move[][], isFinal: readonly boolean[]): boolean {
  const can = [...isFinal];
  for (let hasChanged = true; hasChanged;) {
    hasChanged = false;
    for (let s = moves.length - 1; s >= 0; s--)
      if (!can[s] && moves[s]!.some(({ to, isFree }) => isFree && can[to]))
        hasChanged = can[s] = true;
  }
  return can.every(Boolean);
}
