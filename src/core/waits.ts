import type { StepRequest } from './flow.js';
import type { Resource } from './resources.js';

/**
 * The locks that a step waits for: those that it acquires whatever it observes,
 * behind a guard. A trylock waits for none, nor does what can always be entered.
 */
export function waitsFor(step: StepRequest | undefined): readonly Resource[] {
  if (!step?.when || !step.acquires || typeof step.acquires === 'function') return [];
  return step.acquires.filter((r) => r.mode === 'exclusive' || r.mode === 'shared');
}

/** Does holding one lock keep another actor from taking the other? */
export function isInTheWay(held: Resource, wanted: Resource): boolean {
  const isSame = held.class === wanted.class && held.instance === wanted.instance;
  if (!isSame || !isLock(held) || !isLock(wanted)) return false;
  return held.mode === 'exclusive' || wanted.mode === 'exclusive';
}

const isLock = ({ mode }: Resource): boolean => mode === 'exclusive' || mode === 'shared';
