import {
  InputError,
  Ledger,
  Memory,
  Observer,
  PENDING,
  type Actor,
  type Condition,
  type Property,
  type World,
} from '../src/core/index.js';
import {
  checkHostMemory,
  checkModes,
  checkReadonly,
  hasSlotFlags,
  hostPagesGo,
  namesUserspaceAddr,
} from './modes.js';
import type { OrderText } from '../src/litmus/ast.js';
import { changed, type Made, type WrittenChange } from './changes.js';
import { buildKernel, placeState, type Kernel } from './kernel.js';
import { callText, hasCall, operation, outcomeOf, type Call } from './operations.js';
import { isOfMapping } from './possible.js';
import type { Protocol } from './protocol.js';
import { hasOwnParts } from './variants/own.js';
import {
  type Barrier,
  type GmemFlags,
  type Huge,
  type MemoryKind,
  type Shape,
  type VcpuMode,
} from './state/shape.js';
import { populate } from './state/populate.js';
import { oneVm, type Vms } from './state/vms.js';
import { checkFlags, checkHuge, checkVms } from './refused.js';
import { placeTd } from './state/place-td.js';
import { spareFrames } from './symmetry/alike.js';
import { located } from './located.js';
import { mayLeaveMmio } from './mmio.js';
import { ordersOf } from './orders.js';
import { candidates } from './symmetry/candidates.js';
import { symmetryOf } from './symmetry/cells.js';

/** The world before anybody moves. */
export interface Initial {
  /** Pages of each guest_memfd; 0 = not created. */
  readonly sizes: readonly number[];
  /** Attribute of each gfn: true = private. Those of one VM behind those of the other. */
  readonly attributes: readonly boolean[];
  /** Slots that exist: where they lie and what backs them. */
  readonly slots: readonly InitialSlot[];
  /** Pages already in a filemap. */
  readonly pages: readonly InitialPage[];
  /** SNP: has the launch finished? TDX: is the TD finalized? */
  readonly launched: boolean;
}

export interface InitialSlot {
  readonly slot: number;
  /** Its VM, where there are several. */
  readonly vm?: number;
  readonly gfn: number;
  readonly npages: number;
  readonly file: number | undefined;
  readonly pgoff: number;
  /** KVM_MEM_READONLY. */
  readonly readonly?: boolean;
}

export interface InitialPage {
  readonly file: number;
  readonly index: number;
  /** undefined = allocated, never cleared. */
  readonly content: number | undefined;
  /** gfn the firmware has it assigned to, or undefined. */
  readonly assigned: number | undefined;
  /** TDX: gfn that mirror and S-EPT map to it, and whether the guest has accepted it. */
  readonly sept?: {
    readonly gfn: number;
    readonly accepted: boolean;
    /** By a leaf of level 2M. */
    readonly huge?: boolean;
  };
}

export interface Column {
  readonly name: string;
  readonly calls: readonly Call[];
}

/** One question: a world, what each thread does, what must hold. */
export interface Scenario {
  readonly memory: MemoryKind;
  readonly gfns: number;
  readonly pages: number;
  readonly files: number;
  readonly flags: GmemFlags;
  /** Where there are several VMs: how many, and whose the files are. */
  readonly vms?: Vms | undefined;
  /** New folios stay in a per-CPU lru_add batch until somebody drains it. */
  readonly lruBatch: boolean;
  readonly slots: number;
  readonly folios: number;
  readonly maxValue: number;
  readonly faults: number;
  readonly initial: Initial;
  readonly columns: readonly Column[];
  /** Ids of the invariants to check in every state. */
  readonly invariants: readonly string[];
  /** Keep track of which faults are older than which hole (S4s, `left`). */
  readonly provenance: boolean;
  /** TLBs keep what page walks found until they are flushed. */
  readonly tlb?: boolean | undefined;
  /** A barrier that the kernel is to be without. */
  readonly without?: Barrier | undefined;
  /** Per vCPU, whether it is in SMM or runs a nested guest. */
  readonly modes?: readonly (VcpuMode | undefined)[] | undefined;
  /** Slots that are in the address space of SMM. */
  readonly smmSlots?: readonly number[] | undefined;
  /** KVM without two-dimensional paging. */
  readonly shadowPaging?: boolean | undefined;
  /** SNP: RMPUPDATE may fail where a page is made shared as it is freed. */
  readonly rmpupdateFails?: boolean | undefined;
  /** SNP: PSMASH may find the entry in use, or fail. */
  readonly psmashFails?: boolean | undefined;
  /** Walkers of the page cache refer to folios for a moment. */
  readonly speculative?: boolean | undefined;
  /** TDX: SEAMCALLs that take a page away may fail for good. */
  readonly seamcallFails?: boolean | undefined;
  /** Flags of each file, where they differ: then `flags` is none. */
  readonly fileFlags?: readonly GmemFlags[] | undefined;
  /** KVM_X86_DEFAULT_VM instead of one with private memory. */
  readonly defaultVm?: boolean | undefined;
  /** Orders of steps that the condition asks for. */
  readonly orders?: readonly OrderText[];
  /** What the test changes of the protocol. */
  readonly changes?: readonly WrittenChange[];
  /** Huge pages, and how small they are. */
  readonly huge?: Huge | undefined;
  /** TDX: the module has its page metadata from the kernel, page by page (Dynamic PAMT). */
  readonly dynamicPamt?: boolean | undefined;
}

/** An invariant of the model, stated for people and for the machine. */
export interface Invariant {
  readonly id: string;
  readonly statement: string;
  readonly source: string;
  /** Checked unless a test says otherwise? */
  readonly byDefault: boolean;
  /** Whether it says anything in this world. */
  readonly applies: (shape: Shape) => boolean;
  readonly holds: (k: Kernel, scenario: Scenario, ledger: Ledger) => boolean;
}

export interface Built {
  readonly world: World;
  readonly kernel: Kernel;
  /** What the test has changed of the protocol. */
  readonly edits: readonly Made[];
}

/** A condition, once there is a world that it can be asked of. */
export type AskedCondition = (k: Kernel, ledger: Ledger, observer?: Observer) => Condition;

/** Makes a world of a scenario under a protocol. @throws InputError if it cannot be. */
export function buildWorld(
  scenario: Scenario,
  base: Protocol,
  invariants: readonly Invariant[],
  condition?: AskedCondition,
): Built {
  const changes = located(scenario.changes ?? [], base, scenario.memory, () => {
    const { changes: _changes, orders: _orders, ...unchanged } = scenario;
    return buildWorld(unchanged, base, []).world;
  });
  const [protocol, edits] = changed(base, changes);
  if (!protocol.kinds.includes(scenario.memory))
    throw new InputError(
      `${protocol.id} has no memory kind '${scenario.memory}' (${protocol.kinds.join(', ')})`,
    );
  checkFlags(scenario, protocol);
  checkModes(scenario);
  checkReadonly(scenario, protocol);
  if (scenario.tlb && scenario.memory === 'tdx')
    throw new InputError(
      "tlb=explicit is not for memory=tdx: the module's TRACK stands for its flushes",
    );
  checkVms(scenario, protocol);
  checkHuge(scenario, protocol);
  const memory = new Memory(scenario.columns.length);
  const shape = shapeOf(scenario, protocol);
  checkHostMemory(shape, scenario);
  const { own } = protocol;
  const state = placeState(memory, shape, own.state);
  const kernel = buildKernel(state, protocol);
  const actors = scenario.columns.map((column): Actor => ({
    name: column.name,
    program: column.calls.map((call) => operationOf(kernel, call)),
    outcomes: column.calls.map(outcomeOf),
  }));
  const ledger = new Ledger(memory, actors, scenario.faults, Math.max(55, scenario.maxValue));
  kernel.actorOf = (column) => actors.findIndex((a) => a.name === column);
  kernel.completed = (column, op) => ledger.outcome(kernel.actorOf(column), op, 0) !== PENDING;
  const observer = scenario.orders?.length
    ? new Observer(memory, ordersOf(scenario.orders, scenario.columns, protocol))
    : undefined;
  memory.seal();
  populate(kernel, scenario.initial);
  if (shape.memory === 'tdx') placeTd(kernel, scenario);
  const asked = invariants.filter((i) => scenario.invariants.includes(i.id));
  const properties = [...asked, ...own.invariants]
    .filter((i) => i.applies(shape))
    .map((i): Property => ({ id: i.id, holds: () => i.holds(kernel, scenario, ledger) }));
  return {
    kernel,
    edits,
    world: {
      memory,
      actors,
      properties,
      condition: condition?.(kernel, ledger, observer),
      // Orders name columns: these cannot change places. Of what a variant adds nobody knows.
      symmetries: () =>
        observer || hasOwnParts(own)
          ? []
          : candidates(scenario).map((r) => symmetryOf(r, shape, memory, actors)),
      alike: spareFrames(memory, shape),
      ledger,
      observer,
    },
  };
}

function operationOf(kernel: Kernel, call: Call) {
  if (!hasCall(kernel.protocol, call))
    throw new InputError(`${kernel.protocol.id} has no ${call.op}: '${callText(call)}'`);
  if (isOfMapping(call) && !kernel.shape.mmap)
    throw new InputError(`'${callText(call)}' needs flags=MMAP or INIT_SHARED`);
  if (call.op.startsWith('KVM_SEV_SNP') && kernel.shape.memory !== 'snp')
    throw new InputError(`'${callText(call)}' needs memory=snp`);
  const isOfTd = call.op.startsWith('KVM_TDX') || call.op === 'accept';
  if (isOfTd && kernel.shape.memory !== 'tdx')
    throw new InputError(`'${callText(call)}' needs memory=tdx`);
  return operation(kernel, call);
}

function shapeOf(s: Scenario, { functions, gmemOnly }: Protocol): Shape {
  const calls = s.columns.flatMap((c) => c.calls);
  const flags = s.fileFlags ?? [s.flags];
  const vcpus = calls.map((c) => ('vcpu' in c ? c.vcpu + 1 : 1));
  return {
    memory: s.memory,
    actors: s.columns.length,
    vcpus: Math.max(1, ...vcpus),
    gfns: s.gfns,
    files: s.files,
    vms: s.vms ?? oneVm(s.files),
    pages: s.pages,
    folios: s.folios,
    slots: s.slots,
    maxValue: s.maxValue,
    faults: s.faults,
    closes: calls.some((c) => c.op === 'close'),
    reuse: !s.invariants.includes('S9'),
    mmio: mayLeaveMmio(s),
    hwpoison: calls.some((c) => c.op === 'memory_failure'),
    mmap: flags.some((f) => f !== 'none'),
    initShared: s.flags === 'INIT_SHARED',
    gmemOnly: gmemOnly || flags.some((f) => f !== 'none'),
    inodeAttributes: Object.hasOwn(functions, 'kvm_gmem_set_attributes'),
    lruBatch: s.lruBatch,
    provenance: s.provenance,
    signals: calls.some((c) => c.op === 'tgkill'),
    installs: s.invariants.includes('S15'),
    tlb: s.tlb,
    without: s.without,
    rmpupdateFails: s.rmpupdateFails,
    psmashFails: s.psmashFails,
    speculative: s.speculative,
    seamcallFails: s.seamcallFails,
    modes: s.modes,
    smmSlots: s.smmSlots,
    shadowPaging: s.shadowPaging,
    hostUnmaps: hostPagesGo(s.columns),
    fileFlags: s.fileFlags,
    defaultVm: s.defaultVm,
    slotFlags: hasSlotFlags(s),
    userspaceAddr: namesUserspaceAddr(s.columns),
    huge: s.huge,
    dynamicPamt: s.dynamicPamt,
  };
}
