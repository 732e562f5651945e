import type { Call } from './calls.js';
import {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  KVM_MEM_READONLY,
  KVM_SET_MEMORY_ATTRIBUTES2_ZERO,
} from './uapi.js';

/** The call as a litmus file writes it. */
export function callText(c: Call): string {
  const kind = 'isPrivate' in c && !c.isPrivate ? ' shared' : '';
  switch (c.op) {
    case 'read':
      return `run: read ${c.gfn}${kind}`;
    case 'write':
      return `run: write ${c.gfn} ${c.value}${kind}`;
    case 'KVM_PRE_FAULT_MEMORY':
      return `KVM_PRE_FAULT_MEMORY(${c.gfn}, ${c.npages})`;
    case 'KVM_CHECK_EXTENSION':
      return 'KVM_CHECK_EXTENSION(KVM_CAP_PRE_FAULT_MEMORY)';
    case 'fallocate':
      return `fallocate(${modeText(c.mode)}, ${fileText(c.file)}${c.offset}, ${c.len})`;
    case 'KVM_SET_MEMORY_ATTRIBUTES':
      return `KVM_SET_MEMORY_ATTRIBUTES(${c.gfn}, ${c.npages}, ${c.attrs === 8 ? 'PRIVATE' : c.attrs})`;
    case 'KVM_SET_MEMORY_ATTRIBUTES2':
      return `KVM_SET_MEMORY_ATTRIBUTES2(${fileText(c.file)}${c.offset}, ${c.npages}, ${c.attrs === 8 ? 'PRIVATE' : c.attrs}${modeOf(c.flags)}${c.retries ? ', RETRY' : ''})`;
    case 'KVM_SET_USER_MEMORY_REGION2':
      return c.npages === 0
        ? `KVM_SET_USER_MEMORY_REGION2(${c.slot}, 0, 0)`
        : `KVM_SET_USER_MEMORY_REGION2(${[c.slot, c.gfn, c.npages, ...((c.flags ?? 0) & KVM_MEM_READONLY ? ['READONLY'] : []), ...(c.userspace_addr === undefined ? [] : [`hva${c.userspace_addr}`]), ...(c.file === undefined ? [] : [`gmem${c.file}`, c.pgoff])].join(', ')})`;
    case 'KVM_CREATE_GUEST_MEMFD':
      return `KVM_CREATE_GUEST_MEMFD(gmem${c.file}, ${c.size})`;
    case 'memory_failure':
      return `memory_failure(${fileText(c.file)}${c.index})`;
    case 'close':
      return `close(gmem${c.file})`;
    case 'KVM_SEV_SNP_LAUNCH_UPDATE':
      return `KVM_SEV_SNP_LAUNCH_UPDATE(${c.gfn}, ${c.npages}, ${c.value})`;
    case 'KVM_SEV_SNP_LAUNCH_FINISH':
      return 'KVM_SEV_SNP_LAUNCH_FINISH()';
    case 'accept':
      return `run: accept ${c.gfn}${c.level ? ' 2M' : ''}`;
    case 'KVM_TDX_INIT_VCPU':
    case 'KVM_TDX_FINALIZE_VM':
      return `${c.op}()`;
    case 'KVM_TDX_INIT_MEM_REGION':
      return `KVM_TDX_INIT_MEM_REGION(${c.gfn}, ${c.npages}, ${c.value})`;
    case 'after':
      return `after ${c.column}:r${c.operation}`;
    case 'tgkill':
      return `tgkill(${c.column})`;
    case 'mmap':
      return `mmap(gmem${c.file})`;
    case 'mmap_read':
      return `mmap: read ${c.offset}`;
    case 'mmap_write':
      return `mmap: write ${c.offset} ${c.value}`;
    case 'pin_user_pages':
    case 'mincore':
      return `${c.op}(${c.offset})`;
    case 'munmap':
      return `munmap(${c.gfn}, ${c.npages})`;
    case 'madvise':
      return `madvise(MADV_DONTNEED, ${c.gfn}, ${c.npages})`;
    case 'own':
      return `${c.name}(${c.args.join(', ')})`;
    case 'host_read':
      return `read ${c.gfn}`;
    case 'host_write':
      return `write ${c.gfn} ${c.value}`;
  }
}

const fileText = (file: number): string => (file === 0 ? '' : `gmem${file}, `);

const modeOf = (flags: number | undefined): string => {
  if (flags === undefined) return '';
  return flags === KVM_SET_MEMORY_ATTRIBUTES2_ZERO ? ', ZERO' : ', PRESERVE';
};

function modeText(mode: number): string {
  if (mode === (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)) return 'PUNCH_HOLE';
  return mode === FALLOC_FL_KEEP_SIZE ? 'ALLOCATE' : String(mode);
}
