import {
  call,
  EngineError,
  int,
  struct,
  structs,
  table,
  type Argument,
  type Flow,
  type Memory,
  type Returned,
  type Table,
} from '../src/core/index.js';
import { nearest } from '../src/nearest.js';
import type { KernelFunctions } from './functions.js';
import type { Protocol } from './protocol.js';
import type { Own } from './variants/own.js';
import { ZERO, hasMm, hostFrames, type Shape } from './state/shape.js';
import {
  fileType,
  folioType,
  ghostType,
  hostPageType,
  inodeType,
  kvmType,
  mfType,
  mmType,
  rmpType,
  slotType,
  taskType,
  vcpuType,
  type Folio,
  type Ghost,
  type GmemFile,
  type HostPage,
  type Inode,
  type Kvm,
  type MemoryFailures,
  type Mm,
  type RmpEntry,
  type Slot,
  type Task,
  type Vcpu,
} from './state/structs.js';
import { kvmTdxType, vcpuTdxType, type KvmTdx, type VcpuTdx } from './state/tdx.js';

/** What they are only the variant knows. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type OwnState = any;

/** The kernel's data, through views on the world's memory. */
export interface KernelState {
  readonly shape: Shape;
  readonly memory: Memory;
  /** The VM of a world that has only one; elsewhere a flow has to know whose it is. */
  readonly kvm: Kvm;
  readonly kvms: readonly Kvm[];
  /** Those of the first VM, then those of the next. */
  readonly vcpus: readonly Vcpu[];
  readonly slots: readonly Slot[];
  readonly files: readonly GmemFile[];
  readonly inodes: readonly Inode[];
  readonly folios: readonly Folio[];
  readonly rmp: readonly RmpEntry[];
  /** One under TDX, none elsewhere: see to_kvm_tdx(). */
  readonly kvm_tdx: readonly KvmTdx[];
  readonly vcpu_tdx: readonly VcpuTdx[];
  /** Contents of the host pages behind userspace_addr: see gfnOfVm(). */
  readonly host: Table;
  /** Host frames, where they come and go. */
  readonly pages: readonly HostPage[];
  /** In worlds where memory fails. */
  readonly mf: readonly MemoryFailures[];
  /** The VMM's address space, where something of it is modelled. */
  readonly mm: readonly Mm[];
  /** Threads of user space, by actor, where one of them is sent a signal. */
  readonly tasks: readonly Task[];
  readonly ghost: Ghost;
  /** Cells of a variant's own: see its `own.state`. */
  readonly own: OwnState;
  /** A descriptor that is not open: never created, never bound. */
  readonly noFile: GmemFile;
}

/**
 * The kernel of one protocol: its data, and its functions as methods. Calling
 * one pushes a frame, so that reports show the call and the engine can forget
 * the callee's locals when it returns.
 */
export type Kernel = KernelState &
  KernelFunctions & {
    readonly protocol: Protocol;
    /** Has this operation of this column returned? User space may wait for that. */
    completed: (column: string, operation: number) => boolean;
    /** Whose column is this? */
    actorOf: (column: string) => number;
  };

/** Lays out a kernel's data in memory. */
export function placeState(memory: Memory, shape: Shape, own: Own['state']): KernelState {
  const rows = structs;
  const isTdx = shape.memory === 'tdx';
  const { count } = shape.vms;
  const kvms =
    count > 1 ? rows(memory, 'kvm', count, kvmType(shape)) : [kvmType(shape).place(memory, 'kvm')];
  const vcpus = kvms.flatMap((kvm, vm) =>
    Array.from({ length: shape.vcpus }, (_, i) =>
      vcpuType(shape, kvm).place(memory, `vcpu${vm * shape.vcpus + i}`),
    ),
  );
  return {
    shape,
    memory,
    kvms,
    get kvm() {
      if (count > 1) throw new EngineError('k.kvm: which of the VMs?');
      return kvms[0]!;
    },
    vcpus,
    slots: rows(memory, 'slot', shape.slots, slotType(shape)),
    files: shape.vms.files.map(({ vm }, n) => fileType(shape, kvms[vm]!).place(memory, `file${n}`)),
    inodes: rows(memory, 'inode', shape.files, inodeType(shape)),
    folios: rows(memory, 'folio', shape.folios, folioType(shape)),
    rmp: rows(memory, 'rmp', shape.memory === 'snp' ? shape.folios : 0, rmpType(shape)),
    mf: rows(memory, 'mf', shape.hwpoison ? 1 : 0, mfType(shape)),
    kvm_tdx: rows(memory, 'kvm_tdx', isTdx ? 1 : 0, kvmTdxType(shape)),
    vcpu_tdx: rows(memory, 'vcpu_tdx', isTdx ? shape.vcpus : 0, vcpuTdxType(shape)),
    host: table(hostFrames(shape), int(ZERO, shape.maxValue, ZERO)).place(memory, 'host'),
    pages: rows(memory, 'page', shape.hostUnmaps ? hostFrames(shape) : 0, hostPageType(shape)),
    mm: rows(memory, 'mm', hasMm(shape) ? 1 : 0, mmType(shape)),
    tasks: rows(memory, 'task', shape.signals ? shape.actors : 0, taskType(shape)),
    ghost: ghostType(shape).place(memory, 'ghost'),
    own: struct(own?.(shape) ?? {}).place(memory, 'own') as OwnState,
    noFile: fileType(shape, kvms[0]!).place(memory, 'noFile'),
  };
}

/** Joins data and functions: `k.kvm_gmem_get_pfn(...)` calls that function. */
export function buildKernel(state: KernelState, protocol: Protocol): Kernel {
  // Not spread: `kvm` answers in worlds of one VM only.
  const kernel = Object.defineProperties(
    Object.create(withoutOthers(protocol), { protocol: { value: protocol, enumerable: true } }),
    Object.getOwnPropertyDescriptors(state),
  ) as Kernel;
  for (const [name, fn] of Object.entries(protocol.functions)) {
    const bound = Object.assign((...args: never[]): Flow<Returned> => fn(kernel, ...args), {
      leaves: fn.leaves,
    });
    Object.defineProperty(kernel, name, {
      value: (...args: Argument[]) => call(name, bound as never, ...(args as never[])),
      enumerable: true,
    });
  }
  return kernel;
}

/** What `k` is asked for that this kernel has not got, as a variant may. */
function withoutOthers({ id, functions }: Protocol): object {
  const get = (_: object, name: string | symbol): undefined => {
    if (typeof name === 'symbol' || name in Object.prototype || OF_OBJECTS.includes(name)) return;
    throw new EngineError(
      `k.${name}: ${id} has no such function${nearest(name, Object.keys(functions))}`,
    );
  };
  return new Proxy({}, { get });
}

/** What runtimes ask any object for. */
const OF_OBJECTS = ['then', 'toJSON'];
