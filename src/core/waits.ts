import type { Flow, StepRequest } from './flow.js';
import type { Resource } from './resources.js';

/**
 * A step that waits for some who hold a lock and takes nothing itself, as
 * synchronize_srcu() does. Which ones is for memory to say: others may come.
 */
export interface WaitRequest extends StepRequest {
  /** What those hold that it waits for, and how it stands in their way. */
  readonly waits: Resource;
  /** Bit mask of the actors that `actor`, pending at this step, waits for. */
  readonly awaited: (actor: number) => number;
}

/** Waits until none of the awaited is left. */
export function* waitFor(
  label: string,
  { waits, awaited, when }: Pick<WaitRequest, 'waits' | 'awaited'> & { when: () => boolean },
): Flow {
  const request: WaitRequest = {
    kind: 'step',
    label,
    run: () => {},
    when,
    options: [{ name: '', cost: 0 }],
    acquires: undefined,
    releases: undefined,
    sort: undefined,
    waits,
    awaited,
  };
  yield request;
}

export function isWait(step: StepRequest | undefined): step is WaitRequest {
  return step !== undefined && 'waits' in step;
}

/**
 * The locks that a step waits for: those that it acquires whatever it observes,
 * behind a guard. A trylock waits for none, nor does what can always be entered.
 */
export function waitsFor(step: StepRequest | undefined): readonly Resource[] {
  if (!step?.when || !step.acquires || typeof step.acquires === 'function') return [];
  return step.acquires.filter((r) => r.mode === 'exclusive' || r.mode === 'shared');
}

/** Does holding one lock, or queueing for it, keep another actor from taking the other? */
export function isInTheWay(held: Resource, wanted: Resource): boolean {
  const isSame = held.class === wanted.class && held.instance === wanted.instance;
  if (isSame && held.mode === 'queued') return wanted.mode === 'shared';
  if (!isSame || !isLock(held) || !isLock(wanted)) return false;
  return held.mode === 'exclusive' || wanted.mode === 'exclusive';
}

export const isLock = ({ mode }: Resource): boolean => mode === 'exclusive' || mode === 'shared';
