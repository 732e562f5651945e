import { invariants } from '../../models/invariants/index.js';
import { callText } from '../../models/operations.js';
import { DEADLOCK } from '../explore/verdict.js';
import { renderTrace, type Finding } from '../report/diagram.js';
import type { Checked } from './check.js';
import { reportNames } from './names.js';

/** What is needed of an answer to draw its run. */
export type Shown = Pick<Checked, 'trace' | 'built' | 'test' | 'lasso'> & {
  readonly result: Pick<Checked['result'], 'verdict' | 'property'>;
};

/** The run of a result as a diagram; nothing where there is no run. */
export function diagramOf({ result, trace, built, test, lasso }: Shown, isFlat = false): string {
  if (!trace) return '';
  return renderTrace({
    trace,
    world: built.world,
    operations: test.scenario.columns.map((c) => c.calls.map(callText)),
    finding: lasso ?? findingOf(result.verdict, result.property, built.world.condition?.text ?? ''),
    isFinal: trace.run.isFinished,
    names: reportNames,
    isFlat,
  });
}

function findingOf(verdict: string, property: string | null, condition: string): Finding {
  if (verdict !== 'violated') return { kind: 'witness', statement: condition };
  if (property === DEADLOCK) return { kind: 'deadlock' };
  const invariant = invariants.find((i) => i.id === property);
  return { kind: 'broken', id: property!, statement: invariant?.statement ?? condition };
}
