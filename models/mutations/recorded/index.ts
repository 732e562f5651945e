import { argumentMistakes } from './arguments.js';
import { faultMistakes } from './faults.js';
import { holeMistakes } from './holes.js';
import { mappedMistakes } from './mapped.js';
import type { Mistake } from './mistake.js';
import { slotMistakes } from './slots.js';

export type { Mistake } from './mistake.js';
export { mistakenChecks, mistakenProtocol } from './mistake.js';

/** What recordings of a kernel must tell from the model of it. */
export const mistakes: readonly Mistake[] = [
  ...argumentMistakes,
  ...holeMistakes,
  ...slotMistakes,
  ...faultMistakes,
  ...mappedMistakes,
];
