import { InputError } from '../../src/core/index.js';
import { hasOperation, type Call, type CallName } from '../operations.js';
import type { Protocol } from '../protocol.js';
import { NOT_OF_THP } from '../refused.js';
import type { MemoryKind } from '../state/shape.js';
import { FALLOC_FL_PUNCH_HOLE } from '../uapi.js';

/**
 * What a generated call does: an operation, or one of its uses. `delete`, `create` and
 * `move` are of memslot 0, `unback` makes it anew without a guest_memfd, `delete_other` is of
 * memslot 1.
 */
export type Action =
  | Exclude<
      CallName,
      | 'after'
      | 'own'
      | 'mmap'
      | 'fallocate'
      | 'KVM_CHECK_EXTENSION'
      | 'KVM_SET_USER_MEMORY_REGION2'
      | 'KVM_CREATE_GUEST_MEMFD'
    >
  | 'punch'
  | 'allocate'
  | 'delete'
  | 'create'
  | 'unback'
  | 'move'
  | 'delete_other';

const NAMES: Readonly<Partial<Record<Action, CallName>>> = {
  punch: 'fallocate',
  allocate: 'fallocate',
  delete: 'KVM_SET_USER_MEMORY_REGION2',
  create: 'KVM_SET_USER_MEMORY_REGION2',
  unback: 'KVM_SET_USER_MEMORY_REGION2',
  move: 'KVM_SET_USER_MEMORY_REGION2',
  delete_other: 'KVM_SET_USER_MEMORY_REGION2',
};

/** The operation that an action is a use of. */
export const nameOf = (action: Action): CallName => NAMES[action] ?? (action as CallName);

/** What a call is called among them; what none of them is by its operation. */
export function actionOf(call: Call): Action | CallName {
  if (call.op === 'fallocate') return call.mode & FALLOC_FL_PUNCH_HOLE ? 'punch' : 'allocate';
  if (call.op !== 'KVM_SET_USER_MEMORY_REGION2') return call.op;
  if (call.npages === 0) return call.slot === 0 ? 'delete' : 'delete_other';
  if (call.userspace_addr !== undefined) return 'move';
  return call.file === undefined ? 'unback' : 'create';
}

/** How often each is drawn; the plainest first: an action shrinks towards it. */
type Weights = readonly (readonly [Action, number])[];

/** What only a vCPU does. */
const OF_VCPUS: Weights = [
  ['read', 6],
  ['write', 4],
  ['KVM_PRE_FAULT_MEMORY', 4],
  ['accept', 8],
  ['KVM_TDX_INIT_MEM_REGION', 6],
  ['KVM_TDX_INIT_VCPU', 4],
];

/** What any thread of the VMM does: also one that runs a vCPU, between two runs. */
const OF_THREADS: Weights = [
  ['punch', 12],
  ['allocate', 2],
  ['KVM_SET_MEMORY_ATTRIBUTES', 4],
  ['KVM_SET_MEMORY_ATTRIBUTES2', 10],
  ['delete', 2],
  ['create', 2],
  ['unback', 1],
  ['move', 1],
  ['delete_other', 4],
  ['close', 2],
  ['memory_failure', 2],
  ['KVM_SEV_SNP_LAUNCH_UPDATE', 3],
  ['KVM_SEV_SNP_LAUNCH_FINISH', 1],
  ['KVM_TDX_FINALIZE_VM', 4],
  ['host_read', 1],
  ['host_write', 1],
  ['mmap_read', 2],
  ['mmap_write', 2],
  ['pin_user_pages', 1],
  ['mincore', 1],
  ['munmap', 3],
  ['madvise', 3],
  ['tgkill', 1],
  ['brk', 1],
];

const many = (weights: Weights, times = 1): Action[] =>
  weights.flatMap(([action, weight]) => Array<Action>(weight * times).fill(action));

/** What this VM is, as far as it says what can be asked of it. */
export interface World {
  readonly memory: MemoryKind;
  readonly isHuge: boolean;
  readonly isLaunched: boolean;
  /** May the VMM map its guest_memfds? */
  readonly isMapped: boolean;
  /** Does the VMM give up pages of its own memory? Then nobody touches those. */
  readonly isHostMemoryLost: boolean;
  readonly hasTlb: boolean;
  readonly hasOtherSlot: boolean;
  /** Is there a gfn behind slot 0? */
  readonly hasSpareGfn: boolean;
  /** Litmus files name no thread of another VM in tgkill(). */
  readonly hasOtherVm: boolean;
}

/** Of a thread all that it might do, and of a world what can be done in it. */
export class Actions {
  private readonly ofVcpus: readonly Action[];
  private readonly ofThreads: readonly Action[];
  private readonly allowed = new Map<string, readonly Action[]>();
  private readonly meant = new Map<string, readonly Action[]>();

  constructor(protocol: Protocol, without: readonly Action[]) {
    const can = (a: Action): boolean => hasOperation(protocol, nameOf(a)) && !without.includes(a);
    this.ofThreads = many(OF_THREADS).filter(can);
    // A vCPU mostly runs.
    this.ofVcpus = [...many(OF_VCPUS, 2).filter(can), ...this.ofThreads];
  }

  /** Up to half are what only some worlds are there for, whichever that is in this one. */
  count(isVcpu: boolean): number {
    return 2 * this.all(isVcpu).length;
  }

  private all(isVcpu: boolean): readonly Action[] {
    return isVcpu ? this.ofVcpus : this.ofThreads;
  }

  /** What a thread with a few actions has instead of the n-th one. */
  in(theme: readonly number[], n: number, isVcpu: boolean): number {
    return theme.length === 0 ? n : theme[n % theme.length]! % this.count(isVcpu);
  }

  /**
   * The n-th action, or one that this world has instead: with another kind of memory
   * what has no meaning there changes, and all else stays as it is.
   */
  at(n: number, isVcpu: boolean, world: World): Action {
    const all = this.all(isVcpu);
    const key = `${isVcpu} ${Object.values(world).join()}`;
    if (n >= all.length) {
      let meant = this.meant.get(key);
      if (!meant) this.meant.set(key, (meant = this.meantFor(world, all)));
      n -= all.length;
      const of = n % Math.max(MEANT_FOR, meant.length);
      if (of < meant.length) return meant[of]!;
    }
    if (this.isPossible(all[n]!, world)) return all[n]!;
    let possible = this.allowed.get(key);
    if (!possible) this.allowed.set(key, (possible = all.filter((a) => this.isPossible(a, world))));
    if (possible.length === 0)
      throw new InputError('expected fewer actions to be left out: a thread has nothing to do');
    return possible[n % possible.length]!;
  }

  /** What is seldom done elsewhere, or says nothing there; each as often as the others. */
  private meantFor(w: World, all: readonly Action[]): Action[] {
    const meant: Action[] = [];
    if (!w.isLaunched) meant.push(...POPULATES, ...LAUNCH);
    if (w.isMapped) meant.push(...BY_THE_VMM);
    if (w.isHuge && w.isLaunched) meant.push(...OF_PARTS);
    if (w.hasTlb) meant.push(...THROUGH_TLBS);
    if (w.isHostMemoryLost) meant.push('munmap', 'madvise');
    if (w.hasOtherSlot) meant.push('delete_other');
    if (w.hasSpareGfn) meant.push('move');
    return meant.filter((action) => all.includes(action) && this.isPossible(action, w));
  }

  private isPossible(action: Action, w: World): boolean {
    if (w.isHuge && w.memory !== 'tdx' && NOT_OF_THP.includes(nameOf(action))) return false;
    const only = ONLY_OF[action];
    if (only !== undefined && only !== w.memory) return false;
    switch (action) {
      case 'mmap_read':
      case 'mmap_write':
      case 'pin_user_pages':
      case 'mincore':
        return w.isMapped;
      case 'munmap':
      case 'madvise':
        return w.isHostMemoryLost;
      case 'host_read':
      case 'host_write':
      // Of an MMIO SPTE that this leaves the model knows nothing where host pages go.
      case 'KVM_SET_MEMORY_ATTRIBUTES':
        return !w.isHostMemoryLost;
      case 'delete_other':
        return w.hasOtherSlot;
      case 'move':
        return w.hasSpareGfn && !w.isHostMemoryLost;
      case 'tgkill':
        return !w.hasOtherVm;
      // After the launch this is an error of its own (populate-after-launch).
      case 'KVM_SEV_SNP_LAUNCH_UPDATE':
        return true;
      default:
        return !w.isLaunched || !LAUNCH.includes(action);
    }
  }
}

/** Where a world is there for so many actions, half of all calls are of these; of fewer, fewer. */
const MEANT_FOR = 4;

/** An error at once, where that is done. */
const LAUNCH: readonly Action[] = [
  'KVM_SEV_SNP_LAUNCH_UPDATE',
  'KVM_SEV_SNP_LAUNCH_FINISH',
  'KVM_TDX_INIT_MEM_REGION',
  'KVM_TDX_INIT_VCPU',
  'KVM_TDX_FINALIZE_VM',
  // Whose writing of mmap_lock matters to who reads what is populated.
  'brk',
];

/** Of a part of a huge page, each; ACCEPT takes one to split it and some to be in the way. */
const OF_PARTS: readonly Action[] = [
  ...Array<Action>(4).fill('accept'),
  'punch',
  'KVM_SET_MEMORY_ATTRIBUTES2',
];

/** Who finds what a TLB still has. */
const THROUGH_TLBS: readonly Action[] = ['read', 'read', 'write', 'punch'];

/** What of that is done for each page, or vCPU. */
const POPULATES: readonly Action[] = [
  'KVM_SEV_SNP_LAUNCH_UPDATE',
  'KVM_TDX_INIT_MEM_REGION',
  'KVM_TDX_INIT_VCPU',
];

/** What the VMM does with memory that it maps, and what takes that away. */
const BY_THE_VMM: readonly Action[] = [
  'mmap_read',
  'mmap_write',
  'pin_user_pages',
  'KVM_SET_MEMORY_ATTRIBUTES2',
];

const ONLY_OF: Readonly<Partial<Record<Action, MemoryKind>>> = {
  KVM_SEV_SNP_LAUNCH_UPDATE: 'snp',
  KVM_SEV_SNP_LAUNCH_FINISH: 'snp',
  accept: 'tdx',
  KVM_TDX_INIT_VCPU: 'tdx',
  KVM_TDX_INIT_MEM_REGION: 'tdx',
  KVM_TDX_FINALIZE_VM: 'tdx',
};
