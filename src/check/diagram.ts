import { invariants } from '../../models/invariants/index.js';
import { callText } from '../../models/operations.js';
import type { Built } from '../../models/world.js';
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
    finding: lasso ?? findingOf(built, result.verdict, result.property),
    isFinal: trace.run.isFinished,
    names: reportNames,
    isFlat,
  });
}

function findingOf({ world, kernel }: Built, verdict: string, property: string | null): Finding {
  const condition = world.condition?.text ?? '';
  if (verdict !== 'violated') return { kind: 'witness', statement: condition };
  if (property === DEADLOCK) return { kind: 'deadlock' };
  const invariant = [...invariants, ...kernel.protocol.own.invariants].find(
    (i) => i.id === property,
  );
  return { kind: 'broken', id: property!, statement: invariant?.statement ?? condition };
}
