import { waitsFor } from '../../core/waits.js';
import { Components } from './components.js';
import type { StateGraph } from './graph.js';

/**
 * What a scheduler owes to actors. It is weakly fair: who can move all the time
 * moves. Locks are queued, so for them it is strongly fair: who waits for a lock
 * that is free again and again gets it. An actor can move where it can without
 * a fault or a signal; the environment owes nobody a failure, nor any other
 * outcome of a choice.
 */
export class Fairness {
  private readonly isWait: (boolean | undefined)[] = [];
  private readonly row: Int32Array;

  constructor(private readonly graph: StateGraph) {
    this.row = new Int32Array(graph.states.width);
  }

  /** Actors whose pending step waits for a lock: a bit mask. */
  waiting(state: number): number {
    this.graph.states.read(state, this.row);
    let mask = 0;
    for (let a = 1; a < this.row.length; a++) if (this.waits(this.row[a]!)) mask |= 1 << (a - 1);
    return mask;
  }

  private waits(node: number): boolean {
    return (this.isWait[node] ??= waitsFor(this.graph.machine.node(node).step).length > 0);
  }
}

/**
 * The largest sets of states that a fair run may visit again and again, all of
 * them: strong components in which nobody who never moves is owed a move.
 *
 * An actor that does not move inside a component is at the same step in all of
 * it. If it could always move, no cycle in there is fair. If it waits for a lock
 * and could get it in some states, a fair cycle avoids these; what is left is
 * looked at again: Emerson and Lei, "Modalities for Model Checking", Science of
 * Computer Programming 8(3), 1987.
 * @param members states to look in.
 */
export function fairComponents(graph: StateGraph, members: Int32Array): Int32Array[] {
  const components = new Components(graph);
  const fairness = new Fairness(graph);
  const fair: Int32Array[] = [];
  const parts = [members];
  components.separate(members);
  for (let part; (part = parts.pop());) {
    components.visit(part, (component) => {
      const own = components.separate(component);
      const { movers, always, ever } = mobility(graph, component, components.part, own);
      const waiting = fairness.waiting(component[0]!);
      if (always & ~movers) return;
      const starved = ever & ~movers & waiting;
      if (starved === 0) return void fair.push(component);
      const rest = component.filter((state) => (graph.enabled(state) & starved) === 0);
      components.separate(rest);
      if (rest.length > 0) parts.push(rest);
    });
  }
  return fair;
}

/** Who moves inside a component, who can move in all of its states, who in any. */
function mobility(
  graph: StateGraph,
  component: Int32Array,
  part: Int32Array,
  own: number,
): { movers: number; always: number; ever: number } {
  let [movers, always, ever] = [0, -1, 0];
  for (const state of component) {
    const enabled = graph.enabled(state);
    always &= enabled;
    ever |= enabled;
    for (let e = graph.first[state]!; e < graph.first[state + 1]!; e++)
      if (part[graph.target[e]!] === own) movers |= 1 << graph.actor(e);
  }
  return { movers, always, ever };
}
