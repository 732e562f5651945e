import {
  again,
  EngineError,
  step,
  type Argument,
  type Flow,
  type Operation,
  type Returned,
} from '../src/core/index.js';
import { deliver_signal } from './flows/signals.js';
import { withFile } from './flows/files.js';
import { EAGAIN, EBADF } from './errno.js';
import type { Kernel } from './kernel.js';
import type { Protocol } from './protocol.js';
import type { Kvm, Vcpu } from './state/structs.js';
import { file_inode, gfnOfVm } from './state/vms.js';
import { KVM_EXIT_IO, KVM_MEMORY_ATTRIBUTE_PRIVATE } from './uapi.js';

import { callText } from './call-text.js';
import type { Call, CallName } from './calls.js';

export { callText } from './call-text.js';
export type { Call, CallName } from './calls.js';

interface Entry<C extends Call> {
  /** Names of what it returns, in order; `r` is the return value. */
  readonly outcome: readonly string[];
  /** The function of the kernel that it enters, for `show`. */
  readonly enters: string;
  run(k: Kernel, call: C): Flow<Returned>;
}

type Entries = { [N in CallName]: Entry<Extract<Call, { op: N }>> };

/** What happens in user space alone. */
const USER = 'user';
const RUN = ['r', 'exit', 'flags', 'v'];

const kvmOf = (k: Kernel, { vm = 0 }: Call): Kvm => k.kvms[vm]!;
const vcpuOf = (k: Kernel, { vm = 0, vcpu }: Call & { vcpu: number }): Vcpu =>
  k.vcpus[vm * k.shape.vcpus + vcpu]!;

/** How each operation enters the kernel. */
export const entries: Entries = {
  read: {
    outcome: RUN,
    enters: 'kvm_arch_vcpu_ioctl_run',
    run: (k, c) => k.kvm_arch_vcpu_ioctl_run(vcpuOf(k, c), c.gfn, false, 0, c.isPrivate),
  },
  write: {
    outcome: RUN,
    enters: 'kvm_arch_vcpu_ioctl_run',
    run: (k, c) => k.kvm_arch_vcpu_ioctl_run(vcpuOf(k, c), c.gfn, true, c.value, c.isPrivate),
  },
  KVM_PRE_FAULT_MEMORY: {
    outcome: ['r', 'left', 'exit', 'flags'],
    enters: 'kvm_vcpu_pre_fault_memory',
    run: function* (k, c) {
      const { exitReason } = c;
      if (exitReason !== undefined)
        yield* step('user: run->exit_reason = ...', () => {
          vcpuOf(k, c).run_exit_reason = exitReason;
        });
      return yield* k.kvm_vcpu_pre_fault_memory(vcpuOf(k, c), c.gfn, c.npages, c.isAlias);
    },
  },
  KVM_CHECK_EXTENSION: {
    outcome: ['r'],
    enters: 'kvm_vm_ioctl_check_extension',
    run: (k, c) => k.kvm_vm_ioctl_check_extension(kvmOf(k, c)),
  },
  fallocate: {
    outcome: ['r'],
    enters: 'vfs_fallocate',
    run: (k, c) => k.vfs_fallocate(k.files[c.file]!, c.mode, c.offset, c.len),
  },
  KVM_SET_MEMORY_ATTRIBUTES: {
    outcome: ['r'],
    enters: 'kvm_vm_set_mem_attributes',
    run: (k, c) =>
      k.kvm_vm_set_mem_attributes(
        kvmOf(k, c),
        c.gfn,
        c.gfn + c.npages,
        c.attrs & KVM_MEMORY_ATTRIBUTE_PRIVATE ? 1 : 0,
      ),
  },
  KVM_SET_MEMORY_ATTRIBUTES2: {
    outcome: ['r', 'error'],
    enters: 'kvm_gmem_set_attributes',
    run: function* (k, c) {
      const file = k.files[c.file]!;
      const returned = yield* withFile(k, file, [-EBADF, 0] as const, () =>
        k.kvm_gmem_set_attributes(
          file_inode(k, file),
          c.offset,
          c.npages,
          c.attrs & KVM_MEMORY_ATTRIBUTE_PRIVATE ? 1 : 0,
          c.flags,
        ),
      );
      return c.retries && returned[0] === -EAGAIN ? yield* again() : returned;
    },
  },
  KVM_SET_USER_MEMORY_REGION2: {
    outcome: ['r'],
    enters: 'kvm_set_user_memory_region',
    run: (k, c) =>
      k.kvm_set_user_memory_region(
        kvmOf(k, c),
        k.slots[c.slot]!,
        c.gfn,
        c.npages,
        c.file === undefined ? undefined : (k.files[c.file] ?? k.noFile),
        c.pgoff,
        c.flags,
        c.userspace_addr,
      ),
  },
  KVM_CREATE_GUEST_MEMFD: {
    outcome: ['r'],
    enters: 'kvm_gmem_create',
    run: (k, c) =>
      k.kvm_gmem_create(kvmOf(k, c), k.files[c.file]!, file_inode(k, k.files[c.file]!), c.size),
  },
  memory_failure: {
    outcome: ['r'],
    enters: 'memory_failure',
    run: (k, c) => k.memory_failure(file_inode(k, k.files[c.file]!), c.index),
  },
  close: { outcome: ['r'], enters: 'close_fd', run: (k, c) => k.close_fd(k.files[c.file]!) },
  KVM_SEV_SNP_LAUNCH_UPDATE: {
    outcome: ['r', 'done'],
    enters: 'snp_launch_update',
    run: (k, c) => k.snp_launch_update(kvmOf(k, c), c.gfn, c.npages, c.value),
  },
  KVM_SEV_SNP_LAUNCH_FINISH: {
    outcome: ['r'],
    enters: 'snp_launch_finish',
    run: (k, c) => k.snp_launch_finish(kvmOf(k, c)),
  },
  accept: {
    outcome: ['r', 'exit', 'flags'],
    enters: 'kvm_arch_vcpu_ioctl_run',
    run: function* (k, c) {
      const vcpu = vcpuOf(k, c);
      const returned = yield* k.kvm_arch_vcpu_ioctl_run(vcpu, c.gfn, true, 0, true, c.level ?? 1);
      return returned.slice(0, 3);
    },
  },
  KVM_TDX_INIT_VCPU: {
    outcome: ['r'],
    enters: 'tdx_vcpu_init',
    run: (k, c) => k.tdx_vcpu_init(vcpuOf(k, c)),
  },
  KVM_TDX_INIT_MEM_REGION: {
    outcome: ['r', 'done'],
    enters: 'tdx_vcpu_init_mem_region',
    run: (k, c) => k.tdx_vcpu_init_mem_region(vcpuOf(k, c), c.gfn, c.npages, c.value),
  },
  KVM_TDX_FINALIZE_VM: {
    outcome: ['r'],
    enters: 'tdx_vm_ioctl',
    run: (k, c) => k.tdx_vm_ioctl(kvmOf(k, c)),
  },
  after: {
    outcome: ['r'],
    enters: USER,
    run: function* (k, c) {
      yield* step(`user: wait for ${c.column}:r${c.operation}`, () => {}, {
        when: () => k.completed(c.column, c.operation),
      });
      return 0;
    },
  },
  tgkill: {
    outcome: ['r'],
    enters: USER,
    run: function* (k, c) {
      yield* step(`set_tsk_thread_flag(${c.column}, TIF_SIGPENDING)`, () => {
        k.tasks[k.actorOf(c.column)]!.sigpending = true;
      });
      return 0;
    },
  },
  mmap: {
    outcome: ['r'],
    enters: 'kvm_gmem_mmap',
    run: (k, c) => k.kvm_gmem_mmap(k.files[c.file]!),
  },
  mmap_read: {
    outcome: ['r', 'v'],
    enters: 'exc_page_fault',
    run: (k, c) => k.exc_page_fault(file_inode(k, k.files[c.file]!), c.offset, false, 0),
  },
  mmap_write: {
    outcome: ['r', 'v'],
    enters: 'exc_page_fault',
    run: (k, c) => k.exc_page_fault(file_inode(k, k.files[c.file]!), c.offset, true, c.value),
  },
  pin_user_pages: {
    outcome: ['r'],
    enters: 'pin_user_pages_fast',
    run: (k, c) => k.pin_user_pages_fast(file_inode(k, k.files[c.file]!), c.offset),
  },
  mincore: {
    outcome: ['r', 'v'],
    enters: 'do_mincore',
    run: (k, c) => k.do_mincore(file_inode(k, k.files[c.file]!), c.offset),
  },
  munmap: {
    outcome: ['r'],
    enters: 'do_munmap',
    run: (k, c) => k.do_munmap(c.gfn, c.gfn + c.npages),
  },
  brk: { outcome: ['r'], enters: 'sys_brk', run: (k) => k.sys_brk() },
  madvise: {
    outcome: ['r'],
    enters: 'do_madvise',
    run: (k, c) => k.do_madvise(c.gfn, c.gfn + c.npages),
  },
  own: {
    outcome: ['r'],
    enters: USER,
    run: (k, c) => k.protocol.own.operations[c.name]!.run(k, c.args, c.vcpu),
  },
  host_read: {
    outcome: ['r', 'exit', 'flags', 'v'],
    enters: USER,
    run: function* (k, c) {
      const word = yield* step(`user: read [${c.gfn}]`, () =>
        k.host.load(gfnOfVm(k, kvmOf(k, c), c.gfn)),
      );
      return [0, KVM_EXIT_IO, 0, word];
    },
  },
  host_write: {
    outcome: ['r'],
    enters: USER,
    run: function* (k, c) {
      yield* step(`user: write [${c.gfn}] = ${c.value}`, () =>
        k.host.store(gfnOfVm(k, kvmOf(k, c), c.gfn), c.value),
      );
      return 0;
    },
  },
};

/** Is it an operation that only variants have, and this one has? */
const hasOwn = (protocol: Protocol, call: Call): boolean =>
  call.op === 'own' && Object.hasOwn(protocol.own.operations, call.name);

/** Can this version be asked for it? */
export const hasCall = (protocol: Protocol, call: Call): boolean =>
  call.op === 'own' ? hasOwn(protocol, call) : hasOperation(protocol, call.op);

/** Has this version the operation? Not if its interface lacks it, or what it enters. */
export const hasOperation = (protocol: Protocol, op: CallName): boolean =>
  !protocol.lacks.includes(op) &&
  (entries[op].enters === USER || Object.hasOwn(protocol.functions, entries[op].enters));

/** An operation for the engine: the call, then what the task owes on its way out. */
export function operation(k: Kernel, c: Call): Operation {
  const entry = entries[c.op] as Entry<Call>;
  if (!hasCall(k.protocol, c)) throw new EngineError(`${k.protocol.id} has no ${c.op}`);
  const fn = function* (): Flow<Returned> {
    const returned = yield* entry.run(k, c);
    if (k.shape.closes) yield* k.task_work_run();
    if (k.shape.signals) yield* deliver_signal(k);
    return returned;
  };
  return { name: callText(c), fn: fn as Operation['fn'], args: [] as Argument[] };
}

/** Fields of an operation's outcome. */
export const outcomeOf = (c: Call): readonly string[] =>
  c.op === 'own' ? c.outcome : entries[c.op].outcome;
