import type { Lasso } from '../explore/progress/lasso.js';
import type { Trace } from '../core/trace.js';
import type { World } from '../core/world.js';
import { bestLayout, drawColumns } from './columns.js';
import { eventsOf, type Event } from './events.js';
import { renderHolders } from './holders.js';
import { drawList } from './list.js';
import { footOf, notesOf, renderProgress } from './progress.js';
import { ascii } from './text.js';
import type { ValueNames } from './values.js';
import { wrap } from './wrap.js';

/** What a trace shows. */
export type Finding =
  /** A property or condition that is broken; the statement says what should hold. */
  | { readonly kind: 'broken'; readonly id: string; readonly statement: string }
  /** A run that satisfies what was asked for. */
  | { readonly kind: 'witness'; readonly statement: string }
  /** The last state is one in which nobody can move. */
  | { readonly kind: 'deadlock' }
  /** A run that need not end; the trace is its stem and one turn of its loop. */
  | Lasso;

/** What a diagram is drawn from. */
export interface TraceReport {
  readonly trace: Trace;
  readonly world: World;
  /** Names of the actors, as the user wrote them; default: the world's. */
  readonly actors?: readonly string[];
  /** Texts of each actor's operations, such as `fallocate(PUNCH_HOLE, 0, 1)`. */
  readonly operations: readonly (readonly string[])[];
  readonly finding: Finding;
  /** Is the last state one in which every actor has finished? */
  readonly isFinal: boolean;
  readonly names?: ValueNames;
  /** Steps alone, without call nesting: shorter, for a mail. */
  readonly isFlat?: boolean;
}

/**
 * Draws a trace for a mail: plain ASCII, no line longer than 75 columns, time
 * going down, one column per actor or, where they do not fit, a list.
 */
export function renderTrace(report: TraceReport): string {
  const { trace, world, finding, operations, names = {}, isFlat = false } = report;
  const actors = (report.actors ?? world.actors.map((a) => a.name)).map(ascii);
  const mark = isMarked(report) && finding.kind === 'broken' ? `<== BUG: ${finding.id}` : '';
  const lasso = isLasso(finding) ? finding : undefined;
  const progress = lasso && { notes: notesOf(lasso), loopFrom: lasso.stem.length };
  const events = eventsOf({ trace, world, operations, names, mark, isFlat, ...progress });
  const lines = [
    ...draw(events, actors, lasso ? footOf(lasso) : []),
    ...idle(events, actors),
    ...(isLasso(finding)
      ? renderProgress(trace, finding, actors)
      : finding.kind === 'deadlock'
        ? renderHolders(trace.run, actors)
        : wrap(conclusion(report, finding))),
  ];
  return `${lines.join('\n')}\n`;
}

const isLasso = (finding: Finding): finding is Lasso =>
  finding.kind === 'doomed' || finding.kind === 'livelock';

/** A condition on final states is nothing that one step breaks. */
function isMarked({ trace, finding, isFinal }: TraceReport): boolean {
  return finding.kind === 'broken' && (trace.broken === finding.id || !isFinal);
}

/** Three narrow columns are worse than a list as soon as they cut names. */
function draw(
  events: readonly Event[],
  names: readonly string[],
  foot: readonly string[],
): string[] {
  const actors = names.map((_, i) => i).filter((i) => events.some((e) => e.actor === i));
  if (actors.length === 0) return [];
  if (actors.length > 3) return [...drawList(events, names), ...foot, ''];
  const layout = bestLayout(events, actors);
  const isCrowded = actors.length === 3 && !layout.isTidy;
  return [
    ...(isCrowded ? drawList(events, names) : drawColumns(events, names, layout)),
    ...foot,
    '',
  ];
}

/** An actor without a step has no column: the reader should know it exists. */
function idle(events: readonly Event[], names: readonly string[]): string[] {
  const still = names.filter((_, i) => !events.some((e) => e.actor === i));
  if (still.length === 0 || events.length === 0) return [];
  const verb = still.length > 1 ? 'have' : 'has';
  return [...wrap(`${still.join(', ')} ${verb} not begun.`), ''];
}

function conclusion(
  report: TraceReport,
  finding: Extract<Finding, { kind: 'broken' | 'witness' }>,
): string {
  if (finding.kind === 'witness') return `Witness: ${finding.statement}`;
  const where =
    report.trace.steps.length === 0
      ? ' by the initial state'
      : isMarked(report)
        ? ''
        : ' by the final state';
  return `BUG: ${finding.id} is violated${where}: ${finding.statement}`;
}
