import { failureRaces } from './failures.js';
import { conversionRaces } from './conversion.js';
import { faultRaces } from './faults.js';
import { hugeRaces } from './huge.js';
import { launchRaces } from './launch.js';
import type { Race } from './race.js';
import { slotRaces } from './slots.js';
import { thpRaces } from './thp.js';
import { tdxRaces } from './tdx.js';
import { tlbRaces } from './tlb.js';
import { vmRaces } from './vms.js';

/** The corpus of known races: each in a test that shows it, and one where it is mended. */
export const races: readonly Race[] = [
  ...faultRaces,
  ...launchRaces,
  ...slotRaces,
  ...failureRaces,
  ...conversionRaces,
  ...tlbRaces,
  ...vmRaces,
  ...tdxRaces,
  ...hugeRaces,
  ...thpRaces,
];
