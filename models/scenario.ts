import type { Condition, Ledger, Observer } from '../src/core/index.js';
import type { OrderText } from '../src/litmus/ast.js';
import type { WrittenChange } from './changes.js';
import type { Kernel } from './kernel.js';
import type { Call } from './operations.js';
import type {
  Barrier,
  FailingSeamcall,
  GmemFlags,
  Huge,
  MemoryKind,
  Shape,
  VcpuMode,
} from './state/shape.js';
import type { Vms } from './state/vms.js';

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
  /** TDX: SEAMCALLs that may fail for good. */
  readonly seamcallFails?: FailingSeamcall | undefined;
  /** Flags of each file, where they differ: then `flags` is none. */
  readonly fileFlags?: readonly GmemFlags[] | undefined;
  /** KVM_X86_DEFAULT_VM instead of one with private memory. */
  readonly defaultVm?: boolean | undefined;
  /** vCPUs count their faults, up to this. */
  readonly vcpuStats?: number | undefined;
  /** Orders of steps that the condition asks for. */
  readonly orders?: readonly OrderText[];
  /** What the test changes of the protocol. */
  readonly changes?: readonly WrittenChange[];
  /** Huge pages, and how small they are. */
  readonly huge?: Huge | undefined;
  /** TDX: the module has its page metadata from the kernel, page by page (Dynamic PAMT). */
  readonly dynamicPamt?: boolean | undefined;
  /** SNP: what is populated is the CPUID page, out of one that another process has as well. */
  readonly cowSource?: boolean | undefined;
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

/** A condition, once there is a world that it can be asked of. */
export type AskedCondition = (k: Kernel, ledger: Ledger, observer?: Observer) => Condition;
