import { invariants } from '../../models/invariants/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { buildWorld } from '../../models/world.js';
import { InputError } from '../core/errors.js';

/** Has the protocol got what the test needs: its kind of memory, its operations? */
export function canRun(test: LitmusTest, protocol: Protocol): boolean {
  try {
    buildWorld(test.scenario, protocol, invariants, test.condition);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
