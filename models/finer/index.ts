import { finerFaults } from './faults.js';
import type { Finer } from './finer.js';
import { finerMemory } from './memory.js';
import { finerSlots } from './slots.js';

export { finerProtocol, type Finer } from './finer.js';

/** Steps of the model that are several of the kernel's, each taken apart. */
export const finer: readonly Finer[] = [...finerMemory, ...finerSlots, ...finerFaults];
