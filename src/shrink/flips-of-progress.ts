import type { LitmusTest } from '../../models/language/index.js';
import type { OrderText } from '../litmus/ast.js';
import { traceOf } from '../core/trace.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { memoized } from '../explore/goal.js';
import { allStates } from '../explore/progress/components.js';
import { whoCanEnd } from '../explore/progress/doomed.js';
import { fairComponents } from '../explore/progress/fairness.js';
import { graphOf, type StateGraph } from '../explore/progress/graph.js';
import { DOOMED } from '../explore/progress/lasso.js';
import { hashRow } from '../explore/states.js';
import type { Asked, Ready } from './asked.js';
import { stepName, type StepName } from './dependent.js';
import { watched, type Flips } from './flips.js';
import type { Shrunk } from './shrink.js';

/**
 * Of `doomed` and `livelock`, which all runs together have. What was seen once stays
 * seen, so that a circle has seen the same orders wherever one is in it.
 */
export const flipsOfProgress = (test: LitmusTest, asked: Asked): Flips => ({
  breaksWithout: (orders) => {
    const at = watchedGraph(test, asked, orders);
    if (!at) return 'bound hit';
    const ends = endsOf(at.graph, asked.property);
    return ends.some(at.hasSeenNone) ? 'yes' : 'no';
  },
  // Out of a circle there may be a way, which the scheduler need not take.
  isEnough: (orders) => {
    const at = asked.property === DOOMED ? watchedGraph(test, asked, orders) : undefined;
    if (!at) return undefined;
    const canEnd = whoCanEnd(at.graph);
    return allStates(at.graph).every((state) => !at.hasSeen(state) || canEnd[state] === 0);
  },
});

function watchedGraph(test: LitmusTest, asked: Asked, orders: readonly OrderText[]) {
  const { machine, isSeen, isUnseen } = watched(test, asked, orders);
  const graph = wholeGraph(machine, asked.maxStates);
  if (!graph) return undefined;
  const row = new Int32Array(graph.states.width);
  const ofMemory = (is: (memory: number) => boolean) => {
    const known = memoized(is);
    return (state: number): boolean => {
      graph.states.read(state, row);
      return known(row[0]!);
    };
  };
  return { graph, hasSeen: ofMemory(isSeen), hasSeenNone: ofMemory(isUnseen) };
}

function wholeGraph(machine: Ready['machine'], maxStates: number): StateGraph | undefined {
  const search = new ExhaustiveSearch(machine, { maxStates });
  if (search.run().verdict === 'undecided') return undefined;
  return graphOf(machine, search.states, search.transitions);
}

/** Where runs stay for ever, one state of each circle; of doomed ones, dead ends besides. */
function endsOf(graph: StateGraph, property: string): number[] {
  const isDoomed = property === DOOMED;
  const canEnd = isDoomed ? whoCanEnd(graph) : undefined;
  const among = allStates(graph).filter((s) => canEnd?.[s] !== 1);
  const isDeadEnd = (s: number): boolean =>
    graph.enabled(s) === 0 && graph.first[s] !== graph.first[s + 1];
  const circles = fairComponents(graph, among).map(([state]) => state!);
  return isDoomed ? [...circles, ...among.filter(isDeadEnd)] : circles;
}

/** A step, with what came of it where something else could have. */
export interface Taken extends StepName {
  readonly option: string;
}

/** The step behind which nobody can be rescued, and what could have come in its place. */
export interface NoReturn {
  readonly step: Taken;
  /** Its number, from 1. */
  readonly number: number;
  /** What could be next instead, with a way from there for everybody to finish. */
  readonly instead: readonly Taken[];
}

/** Of a run to where not everybody can finish, if only from its start; of others nothing. */
export function noReturnOf({ least, lasso, asked }: Shrunk): NoReturn | 'start' | undefined {
  if (lasso?.doomedAfter === undefined) return undefined;
  if (lasso.doomedAfter === 0) return 'start';
  const { machine, test } = least;
  const graph = wholeGraph(machine, asked.maxStates);
  if (!graph) return undefined;
  const canEnd = whoCanEnd(graph);
  const columns = test.scenario.columns.map((c) => c.name);
  const last = lasso.doomedAfter - 1;
  const before = lasso.stem.slice(0, last);
  const state = stateAfter(graph, before);
  const taken = (run: Shrunk['schedule']): Taken => {
    const trace = traceOf(machine, run);
    return { ...stepName(trace, columns, last), option: trace.steps[last]!.option };
  };
  const edges = Array.from(
    { length: graph.first[state + 1]! - graph.first[state]! },
    (_, n) => graph.first[state]! + n,
  );
  const instead = edges
    .filter((edge) => graph.isFree(edge) && canEnd[graph.target[edge]!])
    .map((edge) => [...before, ...graph.schedule(state, [edge])])
    .map(taken);
  return { step: taken(lasso.stem), number: last + 1, instead };
}

/** The state that a run comes to. */
function stateAfter(graph: StateGraph, schedule: Shrunk['schedule']): number {
  const { run } = traceOf(graph.machine, schedule);
  const row = Int32Array.of(run.memory, ...run.nodes);
  return graph.states.find(row, hashRow(row));
}
