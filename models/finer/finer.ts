import type { Implementations } from '../functions.js';
import { protocol, type Protocol } from '../protocol.js';
import { protocolById } from '../protocols/index.js';

/**
 * A step of the model that is several of the kernel's, taken apart. Nothing is to come of it:
 * that is why the model has one step. The suite asks every test named here both ways.
 */
export interface Finer {
  readonly id: string;
  /** What is one step in the model, and what it is here. */
  readonly why: string;
  readonly change: (f: Implementations) => Partial<Implementations>;
  /** Committed tests in which somebody can be between the two. */
  readonly tests: readonly string[];
  readonly versions: readonly string[];
}

/** Versions that are asked where the code is in both: what is recorded is of these. */
export const RECORDED = ['6.12', 'P9'] as const;

export const finerProtocol = ({ id, why, change }: Finer, version: string): Protocol => {
  const base = protocolById(version);
  const functions = change(base.functions as unknown as Implementations);
  return protocol(base, { id: `${version}+${id}`, title: why, functions });
};
