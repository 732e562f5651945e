import type { LocalNode } from '../core/automaton.js';
import type { Resource } from '../core/resources.js';
import type { Run } from '../core/run.js';
import { isInTheWay, isWait, waitsFor } from '../core/waits.js';
import { ascii } from './text.js';
import { wrap } from './wrap.js';

/** Why an unfinished actor does not go on, and what it keeps from others. */
export interface Holder {
  readonly actor: number;
  /** The function it is in. */
  readonly within: string;
  /** The step it cannot take. */
  readonly waitsFor: string;
  /** The locks that it would take; none where it waits for something else. */
  readonly wants: readonly Resource[];
  /** Actors that hold the very lock it waits for, itself perhaps, as far as that is known. */
  readonly heldBy: readonly number[];
  /** Does it wait for these as readers, and for no others that come? */
  readonly isGracePeriod: boolean;
  readonly holds: readonly Resource[];
}

/** Every unfinished actor at the end of a run. */
export function holdersOf(run: Run): Holder[] {
  const nodes = Array.from(run.nodes, (id) => run.machine.node(id));
  return nodes
    .filter((node) => node.step !== undefined)
    .map((node) => ({
      actor: node.actor,
      within: node.stack!.top.def.name,
      waitsFor: node.step!.label,
      wants: isWait(node.step) ? [node.step.waits] : waitsFor(node.step),
      heldBy: blockers(run, node, nodes),
      isGracePeriod: isWait(node.step),
      holds: node.held.list.filter((r) => r.mode !== 'snapshot' && r.mode !== 'queued'),
    }));
}

function blockers(run: Run, { actor, step }: LocalNode, nodes: readonly LocalNode[]): number[] {
  if (isWait(step)) {
    const mask = run.machine.inspect(run.memory, () => step.awaited(actor));
    return nodes.map((node) => node.actor).filter((a) => (mask >> a) & 1);
  }
  const wanted = waitsFor(step);
  return nodes
    .filter(({ held }) => held.list.some((r) => wanted.some((w) => isInTheWay(r, w))))
    .map((node) => node.actor);
}

/** One of those who stand in a deadlock, for a machine to read: names and texts. */
export interface Waiter {
  readonly actor: string;
  readonly within: string;
  readonly waitsFor: string;
  readonly wants: readonly string[];
  readonly heldBy: readonly string[];
  readonly holds: readonly string[];
}

export function waitersOf(run: Run): Waiter[] {
  const nameOf = (actor: number): string => run.machine.world.actors[actor]!.name;
  return holdersOf(run).map(({ actor, within, waitsFor: label, wants, heldBy, holds }) => ({
    actor: nameOf(actor),
    within,
    waitsFor: label,
    wants: wants.map(resourceText),
    heldBy: heldBy.map(nameOf),
    holds: holds.map(resourceText),
  }));
}

/** The paragraph that explains a deadlock: who waits for what, and holds what. */
export function renderHolders(run: Run, names: readonly string[]): string[] {
  return [
    'BUG: deadlock: nobody can move.',
    ...holdersOf(run).flatMap((holder) => holderLines(holder, names, waitLines(holder, names))),
  ];
}

/** What one actor does, and what it holds. */
export function holderLines(
  { actor, within, holds }: Holder,
  names: readonly string[],
  does: readonly string[],
): string[] {
  return [
    '',
    ...wrap(`${names[actor]!}, in ${within}()`, '  ', '    '),
    ...does,
    ...(holds.length === 0 ? [] : entries('holds', holds.map(resourceText))),
  ];
}

export function waitLines(holder: Holder, names: readonly string[]): string[] {
  const { actor, waitsFor: label, wants, heldBy, isGracePeriod } = holder;
  const by = heldBy.map((a) => (a === actor ? 'itself' : names[a]!)).join(', ');
  if (isGracePeriod) return [...entry('waits for', label), ...entry('readers', by)];
  return [
    ...entry('waits for', ascii(label) + (by && ` /* held by ${by} */`)),
    ...entries('lock', wants.map(resourceText)),
  ];
}

/** As lockdep names them: the class, then which one and how. */
function resourceText({ class: lockClass, instance, mode }: Resource): string {
  return `${lockClass} (${mode === 'exclusive' ? instance : `${instance}, ${mode}`})`;
}

const LABEL = 15;

function entry(label: string, text: string): string[] {
  const head = label && `    ${label}:`;
  return wrap(text, head.padEnd(LABEL), ' '.repeat(LABEL + 2));
}

export function entries(label: string, texts: readonly string[]): string[] {
  return texts.flatMap((text, i) => entry(i === 0 ? label : '', text));
}
