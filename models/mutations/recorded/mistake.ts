import { argumentChecks, type ArgumentChecks } from '../../arguments.js';
import type { Implementations } from '../../functions.js';
import { protocol, type Protocol } from '../../protocol.js';
import { protocolById } from '../../protocols/index.js';
import { of } from '../mutation.js';

/**
 * One change of the model that sequences of single operations can tell from a kernel:
 * where two threads race, mutations of ../ are what to look at.
 */
export interface Mistake {
  readonly id: string;
  /** Version that it is made of, and that the recordings are of. */
  readonly base: '6.12' | 'P9';
  /** What the changed model does. */
  readonly why: string;
  readonly change?: (f: Implementations) => Partial<Implementations>;
  /** What the changed model says to arguments alone. */
  readonly checks?: Partial<ArgumentChecks>;
  /** A committed sequence that tells, and what differs there first: operation and field. */
  readonly by: readonly [seq: number, shows: string];
}

export const mistakenProtocol = ({ id, base, why, change }: Mistake): Protocol =>
  protocol(protocolById(base), {
    id: `${base}~${id}`,
    title: why,
    functions: change?.(of(base)) ?? {},
  });

export const mistakenChecks = ({ checks }: Mistake): ArgumentChecks => ({
  ...argumentChecks,
  ...checks,
});
