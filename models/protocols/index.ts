import { nearest } from '../../src/nearest.js';
import { InputError } from '../../src/core/index.js';
import type { Protocol } from '../protocol.js';
import { C0 } from './C0/index.js';
import { C1, C1v4 } from './C1/index.js';
import { C2 } from './C2.js';
import { H0 } from './H0/index.js';
import { H1 } from './H1/index.js';
import { H1counts, H1refsCounts } from './H1/counts.js';
import { H1part } from './H1/part.js';
import { H2 } from './H2/index.js';
import { H1refs } from './H1/refs.js';
import { H1shared } from './H1/shared.js';
import { P0, P0s, P0stale } from './P0/index.js';
import { P0hva, P0hvaBegin, P0hvaSeq, P0hvaZap } from './P0/hva.js';
import { P0levels, P0levelsAsked } from './P0/levels.js';
import { P0slot } from './P0/whole-slot.js';
import { P1 } from './P1/index.js';
import { P1a } from './P1a.js';
import { P2 } from './P2.js';
import { P2early } from './P2-early.js';
import { P3 } from './P3.js';
import { P3z } from './P3z.js';
import { P3zReload } from './P3z-reload.js';
import { P3pV2, P3pV3, P3pV4 } from './P3p.js';
import { P4 } from './P4.js';
import { P6 } from './P6.js';
import { P7 } from './P7.js';
import { P8 } from './P8.js';
import { P9 } from './P9.js';
import { P9delayed } from './P9-delayed.js';
import { P5 } from './P5/index.js';
import { P5allowed, P5kick, P5retry, P5shared } from './P5/without.js';
import { THP } from './THP/index.js';
import { v6_12 } from './v6_12.js';

/** Every protocol, oldest first. */
export const protocols: readonly Protocol[] = [
  P0,
  P0stale,
  P0s,
  P0slot,
  P0hva,
  P0hvaZap,
  P0hvaBegin,
  P0hvaSeq,
  P0levels,
  P0levelsAsked,
  P1,
  P1a,
  P2early,
  P2,
  P3pV2,
  P3pV3,
  P3pV4,
  P3,
  P3z,
  P3zReload,
  v6_12,
  P4,
  THP,
  P5,
  P5kick,
  P5retry,
  P5allowed,
  P5shared,
  P6,
  P7,
  P8,
  P9,
  P9delayed,
  C0,
  C1v4,
  C1,
  C2,
  H0,
  H1,
  H1refs,
  H1shared,
  H1counts,
  H1refsCounts,
  H1part,
  H2,
];

/** The newest version that was released. */
export const upstream: Protocol = P9;

/** The protocol of this id. @throws InputError for an unknown one. */
export function protocolById(id: string): Protocol {
  const found = protocols.find((p) => p.id === id);
  if (!found)
    throw new InputError(
      `no protocol '${id}'${nearest(
        id,
        protocols.map((p) => p.id),
      )}`,
    );
  return found;
}
