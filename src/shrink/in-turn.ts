import type { Machine } from '../core/machine.js';
import { Run } from '../core/run.js';

/** Where nobody is in anybody's way: what operations return, for each order of the columns. */
export function inTurn(machine: Machine): string {
  const actors = Array.from(machine.initialNodes, (_, actor) => actor);
  return permutations(actors)
    .map((order) => returnedBy(machine, order))
    .join(' / ');
}

function returnedBy(machine: Machine, order: readonly number[]): string {
  const run = new Run(machine);
  const { ledger, actors } = machine.world;
  for (const actor of order)
    for (let steps = 0; !run.isDone(actor) && run.broken === undefined; steps++) {
      if (!run.isEnabled(actor, 0) || steps > MOST_STEPS) return 'stuck';
      run.take({ actor, option: 0 });
    }
  return machine.inspect(run.memory, () =>
    actors
      .flatMap((a, i) =>
        a.outcomes.map((fields, op) => fields.map((_, f) => ledger.outcome(i, op, f))),
      )
      .join(' '),
  );
}

const MOST_STEPS = 2000;

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  // More than three columns in every order would say no more than this.
  if (items.length > 3) return [[...items], items.toReversed()];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((p) => [item, ...p]));
}
