import type { Claim } from './claim.js';
import { delayPrepare } from './delay-prepare.js';
import { preFault } from './pre-fault.js';
import { privateFaults } from './private-faults.js';
import { split } from './split.js';

/** Every claim, in the order of the documents that make them. */
export const claims: readonly Claim[] = [...delayPrepare, ...preFault, ...privateFaults, ...split];
