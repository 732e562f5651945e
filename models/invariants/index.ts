import type { Invariant } from '../scenario.js';
import { S1, S17, S18, S20, S4, S4s, S5, S7, S9 } from './folios.js';
import { S8 } from './host.js';
import { S14 } from './launch.js';
import { S10, S13, S15, S16, S3 } from './protocol.js';
import { S21 } from './readonly.js';
import { S22 } from './slots.js';
import { S11, S12, S19, S2, S6 } from './tdx.js';

/** Every invariant, in the order in which the first broken one is reported. */
export const invariants: readonly Invariant[] = [
  S1,
  S2,
  S3,
  S4,
  S4s,
  S5,
  S6,
  S7,
  S8,
  S9,
  S10,
  S11,
  S12,
  S13,
  S14,
  S15,
  S16,
  S17,
  S18,
  S19,
  S20,
  S21,
  S22,
];

/** Ids of those checked unless a test says otherwise. */
export const defaultInvariants: readonly string[] = invariants
  .filter((i) => i.byDefault)
  .map((i) => i.id);
