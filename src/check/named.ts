import type { Protocol } from '../../models/protocol.js';

/** A protocol and how a token names it. */
export interface Named {
  readonly protocol: Protocol;
  /** Its id, or the file it came from with the hash of its text. */
  readonly reference: string;
}
