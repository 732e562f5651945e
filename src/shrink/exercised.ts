import { actionOf } from '../../models/arbitraries/index.js';
import { entries } from '../../models/operations.js';
import { NONE } from '../../models/state/shape.js';
import type { Scenario } from '../../models/scenario.js';
import { errnoName } from '../errno.js';
import type { LocalNode } from '../core/automaton.js';
import { BLOCKED, type Machine } from '../core/machine.js';
import type { StateTable } from '../explore/states.js';

/** What the runs of a scenario did, each as a line that is the same in every scenario. */
export interface Exercised {
  /** Who waited for which lock, or for what else. */
  readonly waits: ReadonlySet<string>;
  /** Functions that started over, having lost to somebody. */
  readonly retries: ReadonlySet<string>;
  /** What operations returned, if not success. */
  readonly errors: ReadonlySet<string>;
  /** Two operations that were under way at once. */
  readonly overlaps: ReadonlySet<string>;
}

/** Who waits for another thread does nothing. */
const AFTER = 'after';

const ENTRIES: ReadonlySet<string> = new Set(Object.values(entries).map((e) => e.enters));

/** What the states that a search has visited show. */
export function exercised(machine: Machine, states: StateTable, scenario: Scenario): Exercised {
  return { ...ofFrames(machine), ...ofStates(machine, states, scenario) };
}

function ofFrames({ automaton }: Machine): Pick<Exercised, 'retries' | 'errors'> {
  const [retries, errors] = [new Set<string>(), new Set<string>()];
  for (const { pending, def } of automaton.frames.states)
    switch (pending.kind) {
      case 'again':
        retries.add(def.name);
        break;
      case 'return': {
        const value = typeof pending.value === 'object' ? pending.value?.[0] : pending.value;
        const name = typeof value === 'number' && value < NONE ? errnoName(value) : undefined;
        if (name !== undefined && ENTRIES.has(def.name)) errors.add(`${def.name}() = ${name}`);
        break;
      }
    }
  return { retries, errors };
}

function ofStates(
  machine: Machine,
  states: StateTable,
  scenario: Scenario,
): Pick<Exercised, 'waits' | 'overlaps'> {
  const row = new Int32Array(states.width);
  const actors = scenario.columns.length;
  const waiting = new Set<LocalNode>();
  /** Pairs of operations, by their numbers among all there are. */
  const together = new Set<number>();
  const names: string[] = [];
  const first = scenario.columns.map(
    ({ calls }) => names.push(...calls.map(actionOf)) - calls.length,
  );
  const nameOf = ({ actor, operation }: LocalNode): string => names[first[actor]! + operation]!;
  const under = new Int32Array(actors);
  for (let id = 0; id < states.count; id++) {
    states.read(id, row);
    let count = 0;
    for (let a = 0; a < actors; a++) {
      const node = machine.node(row[a + 1]!);
      if (isUnderWay(node) && nameOf(node) !== AFTER) under[count++] = first[a]! + node.operation;
      if (node.step?.when && !waiting.has(node) && isBlocked(machine, row[0]!, node))
        waiting.add(node);
    }
    for (let a = 0; a < count; a++)
      for (let b = a + 1; b < count; b++) together.add(under[a]! * names.length + under[b]!);
  }
  const waits = [...waiting].filter((node) => nameOf(node) !== AFTER);
  return {
    waits: new Set(waits.map((node) => `${nameOf(node)}: ${node.step!.label}`)),
    overlaps: new Set(
      [...together].map((pair) =>
        [names[Math.floor(pair / names.length)]!, names[pair % names.length]!]
          .toSorted()
          .join(' | '),
      ),
    ),
  };
}

function isBlocked({ moves }: Machine, memory: number, { id }: LocalNode): boolean {
  const at = moves.find(memory, id);
  return at >= 0 && moves.memoryAt(at) === BLOCKED;
}

/** Has it taken a step of its operation? */
const isUnderWay = ({ stack }: LocalNode): boolean =>
  stack !== undefined && (stack.below !== undefined || stack.top.parent !== undefined);
