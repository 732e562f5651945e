import { describe, expect, it } from 'vitest';
import { invariants } from '../../models/invariants/index.js';
import { readTest } from '../../models/language/index.js';
import { printTest } from '../../models/language/print.js';
import type { Protocol } from '../../models/protocol.js';
import { protocolById } from '../../models/protocols/index.js';
import { variantOf } from '../../models/mutations/mutation.js';
import { mutations } from '../../models/mutations/index.js';
import { testNamed, verdictOf } from './verdict.js';

/** Which protocol breaks which invariant, in which test, and in how many steps at least. */
const breakers: readonly Breaker[] = [
  { invariant: 'S1', variant: 'P0', test: 'p0-fault-vs-punch', steps: 22 },
  { invariant: 'S2', variant: 'mirror-not-restored', test: 'tdx-busy-aug', steps: 47 },
  { invariant: 'S3', variant: 'range-missing', test: 'fault-vs-punch', steps: 15 },
  { invariant: 'S4', variant: 'rmp-not-given-back', test: 'fault-vs-punch', steps: 37 },
  { invariant: 'S4s', variant: '6.12', test: 'prep-4-page-left-in-hole', steps: 33 },
  { invariant: 'S5', variant: 'page-not-prepared', test: 'fault-vs-punch', steps: 27 },
  { invariant: 'S6', variant: 'H0', test: 'huge-punch-half', steps: 10 },
  { invariant: 'S7', variant: 'attribute-does-not-zap', test: 'attribute-vs-fault', steps: 43 },
  {
    invariant: 'S8',
    variant: 'convert-counts-no-references',
    test: 'conv-vs-host-fault',
    steps: 28,
  },
  { invariant: 'S8', variant: 'truncate-leaves-host-ptes', test: 'mmap-vs-punch', steps: 25 },
  { invariant: 'S9', variant: 'P0', test: 'p0-freed-page-mapped', steps: 27 },
  { invariant: 'S9', variant: 'rmp-not-given-back', test: 'fault-vs-punch', steps: 42 },
  { invariant: 'S10', variant: 'P3z', test: 'close-vs-delete-slot', steps: 20 },
  { invariant: 'S11', variant: 'hole-ignores-failed-split', test: 'huge-split-fails', steps: 24 },
  { invariant: 'S12', variant: 'H1', test: 'huge-hole-kept', steps: 51 },
  { invariant: 'S13', variant: 'convert-stores-nothing', test: 'conv-retried', steps: 23 },
  { invariant: 'S14', variant: 'page-measured-twice', test: 'tdx-populate', steps: 56 },
  { invariant: 'S14', variant: 'populate-again', test: 'populate-twice', steps: 43 },
  { invariant: 'S15', variant: 'P0', test: 'install-vs-punch', steps: 22 },
  { invariant: 'S15', variant: '6.12', test: 'w1-no-rmb-install', steps: 45 },
  {
    invariant: 'S16',
    variant: 'prefault-error-lost-progress',
    test: 'prefault-past-slot',
    steps: 44,
  },
  { invariant: 'S17', variant: 'page-not-cleared', test: 'fault-vs-punch', steps: 20 },
  { invariant: 'S18', variant: 'poisoned-page-used', test: 'memory-failure-vs-fault', steps: 51 },
  { invariant: 'S19', variant: 'P5-kick', test: 'tdx-r32-zap-vs-accept', steps: 17 },
  { invariant: 'S20', variant: 'notifier-not-called', test: 'hva-fault-vs-dontneed', steps: 20 },
  { invariant: 'S21', variant: 'readonly-mapped-writable', test: 'ro-slot', steps: 20 },
  { invariant: 'S22', variant: 'moved-slot-not-zapped', test: 'slot-move-vs-fault', steps: 25 },
];

interface Breaker {
  readonly invariant: string;
  /** A protocol, or one of the mutations. */
  readonly variant: string;
  readonly test: string;
  readonly steps: number;
}

function protocolOf(variant: string): Protocol {
  const mutation = mutations.find((m) => m.id === variant);
  return mutation ? variantOf(mutation) : protocolById(variant);
}

describe('no invariant is vacuous', () => {
  it('each has a protocol that breaks it', () => {
    expect([...new Set(breakers.map((b) => b.invariant))]).toEqual(invariants.map((i) => i.id));
  });

  it.each(breakers)('$invariant is broken by $variant, in $test', (breaker) => {
    const { invariant, variant, test, steps } = breaker;
    const result = verdictOf(checkingOnly(invariant, test), protocolOf(variant));
    expect([result.verdict, result.property, result.steps]).toEqual(['violated', invariant, steps]);
  });
});

/** The test's scenario, asked for one invariant only: others may break before it. */
function checkingOnly(id: string, name: string) {
  const scenario = { ...testNamed(name).scenario, invariants: [id], provenance: id === 'S4s' };
  return readTest(printTest(scenario, `${name}-${id}`), name);
}
