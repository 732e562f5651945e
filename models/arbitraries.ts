import fc, { type Arbitrary } from 'fast-check';
import { clip, type Range } from '../src/fastcheck/index.js';
import { defaultInvariants } from './invariants/index.js';
import { hasOperation, type Call, type CallName } from './operations.js';
import { columnOfOther, secondVm, TWO_VMS } from './arbitraries-vms.js';
import { isPossible } from './possible.js';
import type { Protocol } from './protocol.js';
import type { Column, Initial, InitialPage, Scenario } from './scenario.js';
import type { GmemFlags, MemoryKind } from './state/shape.js';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, KVM_MEMORY_ATTRIBUTE_PRIVATE } from './uapi.js';

/** What a generated call does; `delete` and `create` are of memslot 0. */
export type Action =
  | Exclude<
      CallName,
      | 'after'
      | 'own'
      | 'tgkill'
      | 'mmap'
      | 'memory_failure'
      | 'KVM_CHECK_EXTENSION'
      | 'munmap'
      | 'brk'
      | 'madvise'
      | 'fallocate'
      | 'KVM_SET_USER_MEMORY_REGION2'
      | 'KVM_CREATE_GUEST_MEMFD'
    >
  | 'punch'
  | 'allocate'
  | 'delete'
  | 'create';

/** What vCPUs do; the plainest first: an action shrinks towards it. Twice = as often. */
const OF_VCPUS: readonly Action[] = ['read', 'write', 'KVM_PRE_FAULT_MEMORY'];
/** What a TD's vCPUs do besides, and its VMM. */
const OF_TD_VCPUS: readonly Action[] = ['accept', 'accept', 'KVM_TDX_INIT_MEM_REGION'];
const OF_TD_HOSTS: readonly Action[] = ['KVM_TDX_FINALIZE_VM'];
const OF_HOSTS: readonly Action[] = [
  'punch',
  'punch',
  'punch',
  'allocate',
  'KVM_SET_MEMORY_ATTRIBUTES',
  'delete',
  'create',
  'close',
  'KVM_SEV_SNP_LAUNCH_UPDATE',
  'KVM_SEV_SNP_LAUNCH_FINISH',
  'host_read',
  'host_write',
  'mmap_read',
  'mmap_write',
  'pin_user_pages',
  'mincore',
  'KVM_SET_MEMORY_ATTRIBUTES2',
  'KVM_SET_MEMORY_ATTRIBUTES2',
];

/** Narrows what is generated. */
export interface ScenarioConstraints {
  /** Actions that are not generated. */
  readonly without?: readonly Action[];
  /** Combinations that are not generated. */
  readonly excludes?: (scenario: Scenario) => boolean;
}

/** A call before it is fitted to a scenario's sizes. */
interface RawCall {
  readonly action: Action;
  readonly range: Range;
  readonly value: number;
  /** Private rather than shared, where a call can be either. */
  readonly isPrivate: boolean;
}

interface Raw {
  readonly memory: MemoryKind;
  readonly pages: number;
  readonly faults: number;
  readonly columns: readonly { readonly isVcpu: boolean; readonly calls: readonly RawCall[] }[];
  readonly shared: readonly boolean[];
  readonly slot: 'gmem' | 'plain' | 'none';
  /** 0 = not allocated, 1 = allocated only, n = the word n - 2. */
  readonly filemap: readonly number[];
  readonly launch: 'finished' | 'started';
  readonly flags: GmemFlags;
  /** Columns that are of a second VM, where there is one. */
  readonly inOther: readonly boolean[];
  readonly hasOther: boolean;
}

/**
 * Scenarios that a protocol can run: one gmem of 1 or 2 pages, 1 to 3 threads
 * of 1 or 2 calls. They shrink towards one page, one thread, one call, no
 * fault, a private page that nobody has allocated.
 */
export function scenarios(
  protocol: Protocol,
  { without = [], excludes = () => false }: ScenarioConstraints = {},
): Arbitrary<Scenario> {
  const can = (a: Action): boolean => hasOperation(protocol, nameOf(a)) && !without.includes(a);
  const hasTds = protocol.kinds.includes('tdx');
  const column = (isVcpu: boolean, actions: readonly Action[]) =>
    fc
      .array(rawCall(actions.filter(can)), { minLength: 1, maxLength: 2 })
      .map((calls) => ({ isVcpu, calls }));
  return fc
    .record<Raw>({
      memory: fc.constantFrom(...protocol.kinds),
      pages: fc.integer({ min: 1, max: 2 }),
      faults: fc.nat(1),
      columns: fc.array(
        fc.oneof(
          column(true, hasTds ? [...OF_VCPUS, ...OF_TD_VCPUS] : OF_VCPUS),
          column(false, hasTds ? [...OF_HOSTS, ...OF_TD_HOSTS] : OF_HOSTS),
        ),
        { minLength: 1, maxLength: 3, size: 'max' },
      ),
      shared: fc.tuple(rarely, rarely),
      slot: fc.constantFrom('gmem', 'gmem', 'gmem', 'plain', 'none'),
      filemap: fc.tuple(fc.nat(3), fc.nat(3)),
      launch: fc.constantFrom('finished', 'finished', 'started'),
      flags: fc.constantFrom(...(can('mmap_read') ? MAPPED : UNMAPPED)),
      ...secondVm(protocol),
    })
    .map((raw) => (can('KVM_SET_MEMORY_ATTRIBUTES2') ? assignedIsPrivate(fit(raw)) : fit(raw)))
    .filter((scenario) => isPossible(scenario) && !excludes(scenario));
}

const UNMAPPED: readonly GmemFlags[] = ['none'];
const MAPPED: readonly GmemFlags[] = ['INIT_SHARED', 'MMAP', 'none'];

const rarely = fc.nat(3).map((n) => n === 3);

function rawCall(actions: readonly Action[]): Arbitrary<RawCall> {
  return fc.record({
    action: fc.constantFrom(...actions),
    range: fc.record({ start: fc.nat(1), count: fc.integer({ min: 1, max: 2 }) }),
    value: fc.integer({ min: 1, max: 3 }),
    isPrivate: fc.nat(3).map((n) => n !== 3),
  });
}

const NAMES: Readonly<Partial<Record<Action, CallName>>> = {
  punch: 'fallocate',
  allocate: 'fallocate',
  delete: 'KVM_SET_USER_MEMORY_REGION2',
  create: 'KVM_SET_USER_MEMORY_REGION2',
};

const nameOf = (action: Action): CallName => NAMES[action] ?? (action as CallName);

/**
 * Makes whatever was drawn, or shrunk to, one world that exists. Only a VM
 * without private memory has memory that is shared from the start; a confidential
 * guest has nothing shared in a slot without other memory.
 */
function fit(drawn: Raw): Scenario {
  const raw: Raw = {
    ...drawn,
    flags: drawn.memory === 'sw' ? drawn.flags : 'none',
    hasOther: drawn.hasOther && drawn.memory !== 'tdx',
  };
  return raw.flags === 'INIT_SHARED' ? withoutPrivate(fitted(raw)) : fitted(raw);
}

/** Where the inode has the attributes, only what is private is the guest's. */
function assignedIsPrivate(s: Scenario): Scenario {
  const attributes = s.initial.attributes.map(
    (isPrivate, gfn) => isPrivate || s.initial.pages.some((p) => p.assigned === gfn),
  );
  return { ...s, initial: { ...s.initial, attributes } };
}

function withoutPrivate(s: Scenario): Scenario {
  const columns = s.columns.map((column) => ({
    ...column,
    calls: column.calls.map((c) => (c.op === 'KVM_SET_MEMORY_ATTRIBUTES' ? { ...c, attrs: 0 } : c)),
  }));
  const attributes = s.initial.attributes.map(() => false);
  return { ...s, columns, initial: { ...s.initial, attributes } };
}

function fitted(raw: Raw): Scenario {
  const vms = raw.hasOther ? 2 : 1;
  const columns = named(raw);
  const initial = initialOf(raw);
  const values = columns.flatMap((c) => c.calls.map((call) => ('value' in call ? call.value : 0)));
  const contents = initial.pages.map((p) => p.content ?? 0);
  return {
    memory: raw.memory,
    gfns: raw.pages,
    pages: raw.pages,
    files: vms,
    flags: raw.flags,
    lruBatch: false,
    slots: vms,
    folios: vms * raw.pages + columns.length + 1,
    maxValue: Math.max(1, ...values, ...contents),
    faults: raw.faults,
    initial,
    columns,
    invariants: defaultInvariants,
    provenance: false,
    ...(raw.hasOther ? { vms: TWO_VMS } : {}),
  };
}

function named({ columns, pages, hasOther, inOther }: Raw): Column[] {
  const counts = { 'vm0:vcpu': 0, 'vm0:host': 0, 'vm1:vcpu': 0, 'vm1:host': 0 };
  return columns.map(({ isVcpu, calls }, i) => {
    const isOther = hasOther && inOther[i];
    const kind = isVcpu ? 'vcpu' : 'host';
    const number = counts[`vm${isOther ? 1 : 0}:${kind}`]++;
    const name = isVcpu || number > 0 ? `${kind}${number}` : kind;
    const column = { name, calls: calls.map((call) => callOf(call, number, pages)) };
    return isOther ? columnOfOther(column) : column;
  });
}

function callOf(raw: RawCall, vcpu: number, pages: number): Call {
  const { action, value, isPrivate } = raw;
  const { start: gfn, count: npages } = clip(raw.range, pages);
  switch (action) {
    case 'read':
      return { op: action, vcpu, gfn, isPrivate };
    case 'write':
      return { op: action, vcpu, gfn, value, isPrivate };
    case 'accept':
      return { op: action, vcpu, gfn };
    case 'KVM_TDX_INIT_VCPU':
      return { op: action, vcpu };
    case 'KVM_TDX_INIT_MEM_REGION':
      return { op: action, vcpu, gfn, npages, value };
    case 'KVM_PRE_FAULT_MEMORY':
      return { op: action, vcpu, gfn, npages };
    case 'punch':
      return { op: 'fallocate', file: 0, mode: PUNCH, offset: gfn, len: npages };
    case 'allocate':
      return { op: 'fallocate', file: 0, mode: FALLOC_FL_KEEP_SIZE, offset: gfn, len: npages };
    case 'KVM_SET_MEMORY_ATTRIBUTES':
      return { op: action, gfn, npages, attrs: isPrivate ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0 };
    case 'delete':
      return { op: REGION, slot: 0, gfn: 0, npages: 0, file: undefined, pgoff: 0 };
    case 'create':
      // At the gfns that the firmware was told: to move a slot is the VMM's own fault.
      return { op: REGION, slot: 0, gfn, npages, file: 0, pgoff: gfn };
    case 'close':
      return { op: action, file: 0 };
    case 'KVM_SEV_SNP_LAUNCH_UPDATE':
      return { op: action, gfn, npages, value };
    case 'KVM_SEV_SNP_LAUNCH_FINISH':
    case 'KVM_TDX_FINALIZE_VM':
      return { op: action };
    case 'KVM_SET_MEMORY_ATTRIBUTES2':
      return {
        op: action,
        file: 0,
        offset: gfn,
        npages,
        attrs: isPrivate ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
      };
    case 'pin_user_pages':
    case 'mincore':
      return { op: action, file: 0, offset: gfn };
    case 'mmap_read':
      return { op: action, file: 0, offset: gfn };
    case 'mmap_write':
      return { op: action, file: 0, offset: gfn, value };
    case 'host_read':
      return { op: action, gfn };
    case 'host_write':
      return { op: action, gfn, value };
  }
}

const PUNCH = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
const REGION = 'KVM_SET_USER_MEMORY_REGION2';

function initialOf(raw: Raw): Initial {
  const { pages, memory } = raw;
  const slot = { slot: 0, gfn: 0, npages: pages, pgoff: 0 };
  const attributes = raw.shared.slice(0, pages).map((isShared) => !isShared);
  const slots = raw.slot === 'none' ? [] : [{ ...slot, file: raw.slot === 'gmem' ? 0 : undefined }];
  return {
    sizes: raw.hasOther ? [pages, pages] : [pages],
    attributes: raw.hasOther ? [...attributes, ...attributes] : attributes,
    slots: raw.hasOther ? [...slots, { ...slot, slot: 1, vm: 1, file: 1 }] : slots,
    pages: raw.filemap
      .slice(0, pages)
      .flatMap((word, index) => pageOf(word, index, memory, raw.slot === 'gmem')),
    launched: memory === 'sw' || raw.launch === 'finished',
  };
}

/** Under SNP whoever fills a page hands it to the firmware, and nobody else does. */
function pageOf(word: number, index: number, memory: MemoryKind, isBound: boolean): InitialPage[] {
  if (word === 0) return [];
  const isFilled = word > 1 && (memory === 'sw' || isBound);
  const content = isFilled ? word - 2 : undefined;
  const assigned = memory === 'snp' && isFilled ? index : undefined;
  return [{ file: 0, index, content, assigned }];
}
