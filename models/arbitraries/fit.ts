import { hasOperation } from '../operations.js';
import type { Protocol } from '../protocol.js';
import type { Scenario } from '../scenario.js';
import type { GmemFlags, Huge, MemoryKind } from '../state/shape.js';
import type { Actions, World } from './actions.js';
import { columnsOf } from './columns.js';
import { initialOf } from './initial.js';
import type { Corner, Raw } from './raw.js';
import { twoVms } from './vms.js';

/** As small as a huge page can be. */
const HUGE: Huge = { leaf: 2, folio: 2 };

/** What a version has. */
export interface Has {
  readonly mapping: boolean;
  readonly conversion: boolean;
  readonly readonlyGmem: boolean;
  readonly huge: readonly MemoryKind[];
  readonly dynamicPamt: boolean;
  /** What may be the case in one of its worlds. */
  readonly corners: readonly Corner[];
}

export function hasOf(protocol: Protocol): Has {
  const { kinds, hugePages } = protocol;
  const conversion = hasOperation(protocol, 'KVM_SET_MEMORY_ATTRIBUTES2');
  const corners: Record<Corner, boolean> = {
    otherSlot: true,
    readonlySlot: kinds.includes('sw'),
    lruBatch: conversion,
    speculative: conversion,
    seamcallFails: kinds.includes('tdx'),
    rmpupdateFails: kinds.includes('snp'),
    psmashFails: hugePages.includes('snp'),
    cowSource: kinds.includes('snp'),
    spareGfn: kinds.includes('sw'),
    hostMemoryLost: hasOperation(protocol, 'munmap'),
  };
  return {
    mapping: hasOperation(protocol, 'mmap_read'),
    conversion,
    readonlyGmem: protocol.readonlyGmem,
    huge: hugePages,
    dynamicPamt: Object.hasOwn(protocol.functions, 'need_topup_external_split_cache'),
    corners: (Object.keys(corners) as Corner[]).filter((c) => corners[c]),
  };
}

/**
 * Makes whatever was drawn, or shrunk to, one world that exists: what has no meaning in it is
 * left out, so that each thing that was drawn can go by itself.
 */
export function fit(
  drawn: Raw,
  has: Has,
  actions: Actions,
  invariants: readonly string[],
): Scenario {
  const raw = sensible(drawn, has);
  const { corners, hasOther, memory } = raw;
  const is = (corner: Corner): boolean => corners.includes(corner);
  const huge = raw.isHuge ? HUGE : undefined;
  const folio = huge?.folio ?? 1;
  const pages = raw.pages * folio;
  const gfns = pages + Number(is('otherSlot')) + Number(is('spareGfn'));
  const world: World = {
    memory,
    isHuge: raw.isHuge,
    isLaunched: memory === 'sw' || raw.launch === 'finished',
    isMapped: raw.flags !== 'none',
    isHostMemoryLost: is('hostMemoryLost'),
    hasTlb: raw.hasTlb && memory !== 'tdx',
    hasOtherSlot: is('otherSlot'),
    hasSpareGfn: is('spareGfn'),
    hasOtherVm: hasOther,
  };
  const initial = initialOf(raw, { pages, gfns, folio });
  const columns = columnsOf(raw, actions, world, {
    pages,
    attributes: initial.attributes,
    slotPages: initial.slots[0]?.npages ?? pages,
    isHuge: raw.isHuge,
    hasReadonly: memory === 'sw',
    hasContentModes: !hasOther,
  });
  const values = columns.flatMap((c) => c.calls.map((call) => ('value' in call ? call.value : 0)));
  const contents = initial.pages.map((p) => p.content ?? 0);
  const vms = hasOther ? 2 : 1;
  const fitted: Scenario = {
    memory,
    gfns,
    pages,
    files: vms,
    flags: raw.flags,
    lruBatch: is('lruBatch'),
    slots: is('otherSlot') ? 2 : vms,
    folios: vms * pages + (columns.length + 1) * folio,
    maxValue: Math.max(1, ...values, ...contents),
    faults: corners.some((c) => FAILURES.includes(c)) ? 1 : raw.faults,
    initial,
    columns,
    invariants,
    provenance: invariants.includes('S4s'),
    ...(hasOther ? { vms: twoVms(raw.sameAsid) } : {}),
    ...flagsOf(corners),
    ...(world.hasTlb ? { tlb: true } : {}),
    ...(huge ? { huge } : {}),
    ...(raw.isPamtDynamic ? { dynamicPamt: true } : {}),
  };
  if (has.conversion) return assignedIsPrivate(fitted);
  return raw.flags === 'INIT_SHARED' ? withoutPrivate(fitted) : fitted;
}

/** What needs a fault of the environment to tell. */
const FAILURES: readonly Corner[] = [
  'speculative',
  'seamcallFails',
  'rmpupdateFails',
  'psmashFails',
  'cowSource',
];

const flagsOf = (corners: readonly Corner[]): Partial<Scenario> => ({
  ...(corners.includes('speculative') ? { speculative: true } : {}),
  ...(corners.includes('seamcallFails') ? { seamcallFails: 'fails' } : {}),
  ...(corners.includes('rmpupdateFails') ? { rmpupdateFails: true } : {}),
  ...(corners.includes('psmashFails') ? { psmashFails: true } : {}),
  ...(corners.includes('cowSource') ? { cowSource: true } : {}),
});

/** What was drawn without that which this version, or this VM, has not got. */
function sensible(drawn: Raw, has: Has): Raw {
  const { memory, slot } = drawn;
  const all = has.corners;
  const isHuge = drawn.isHuge && has.huge.includes(memory);
  // Memory that is shared from the start is, before conversion, of VMs that have no other.
  const isInitShared = memory === 'sw' || has.conversion;
  const mapped = drawn.flags === 'INIT_SHARED' && !isInitShared ? 'MMAP' : drawn.flags;
  const flags: GmemFlags = has.mapping ? mapped : 'none';
  const isPamtDynamic = drawn.isPamtDynamic && has.dynamicPamt && memory === 'tdx' && isHuge;
  const hasOther = drawn.hasOther && memory !== 'tdx' && !isHuge;
  const means: Record<Corner, boolean> = {
    lruBatch: true,
    speculative: true,
    seamcallFails: memory === 'tdx',
    rmpupdateFails: memory === 'snp',
    psmashFails: memory === 'snp' && isHuge,
    cowSource: memory === 'snp' && drawn.launch === 'started',
    otherSlot: !hasOther,
    spareGfn: memory === 'sw' && !hasOther && !isHuge && slot !== 'none',
    readonlySlot: memory === 'sw' && slot !== 'none' && (slot === 'plain' || has.readonlyGmem),
    hostMemoryLost: memory === 'sw' && !hasOther,
  };
  // Each as often as the others of this VM: what it has not got stands for what it has.
  const possible = all.filter((c) => means[c]);
  const corners = drawn.corners.flatMap((c) =>
    means[c] ? [c] : possible.slice(all.indexOf(c) % possible.length).slice(0, 1),
  );
  return { ...drawn, isHuge, isPamtDynamic, flags, hasOther, corners: [...new Set(corners)] };
}

/** Where the inode has the attributes, only what is private is the guest's. */
function assignedIsPrivate(s: Scenario): Scenario {
  const attributes = s.initial.attributes.map(
    (isPrivate, gfn) => isPrivate || s.initial.pages.some((p) => p.assigned === gfn),
  );
  return { ...s, initial: { ...s.initial, attributes } };
}

/** A VM without private memory alone has memory that is shared from the start. */
function withoutPrivate(s: Scenario): Scenario {
  const columns = s.columns.map((column) => ({
    ...column,
    calls: column.calls.map((c) => (c.op === 'KVM_SET_MEMORY_ATTRIBUTES' ? { ...c, attrs: 0 } : c)),
  }));
  const attributes = s.initial.attributes.map(() => false);
  return { ...s, columns, initial: { ...s.initial, attributes } };
}
