import {
  attributeArguments,
  createArguments,
  fallocateArguments,
  preFaultArguments,
  regionArguments,
} from '../../arguments.js';
import { EFBIG, EINVAL, EOPNOTSUPP } from '../../errno.js';
import { FALLOC_FL_KEEP_SIZE, KVM_MEM_LOG_DIRTY_PAGES, KVM_MEM_READONLY } from '../../uapi.js';
import { given } from '../edit.js';
import type { Mistake } from './mistake.js';

const PAGE = 4096;
const isUnaligned = (n: number): boolean => n % PAGE !== 0;

/** Arguments: what is refused, and in which order. */
export const argumentMistakes: readonly Mistake[] = [
  {
    id: 'create-any-flags',
    base: '6.12',
    why: 'KVM_CREATE_GUEST_MEMFD passes over flags that it does not know',
    checks: { createArguments: (size, _flags, supports) => createArguments(size, 0, supports) },
    by: [10000, 'create_gmem ret'],
  },
  {
    id: 'create-mmap-in-6.12',
    base: '6.12',
    why: 'GUEST_MEMFD_FLAG_MMAP is known already',
    checks: {
      createArguments: (size, flags, supports) => createArguments(size, flags & ~1, supports),
    },
    by: [10042, 'create_gmem ret'],
  },
  {
    id: 'create-rounds-up',
    base: '6.12',
    why: 'the size of a guest_memfd is rounded up to whole pages',
    checks: {
      createArguments: (size, flags, supports) =>
        createArguments(size > 0 ? Math.ceil(size / PAGE) * PAGE : size, flags, supports),
    },
    change: (f) => ({
      kvm_gmem_create: given(f.kvm_gmem_create, (k, kvm, file, inode, size) => [
        k,
        kvm,
        file,
        inode,
        Math.ceil(size),
      ]),
    }),
    by: [10043, 'create_gmem ret'],
  },
  {
    id: 'init-shared-of-private-vms',
    base: 'P9',
    why: 'GUEST_MEMFD_FLAG_INIT_SHARED is for every type of VM',
    checks: {
      createArguments: (size, flags, supports) =>
        createArguments(size, flags, { defaultVm: true, mmap: supports?.mmap ?? false }),
    },
    by: [30056, 'create_gmem ret'],
  },
  {
    id: 'gmem-with-dirty-log',
    base: '6.12',
    why: 'a slot with guest_memfd may log dirty pages',
    checks: {
      regionArguments: (flags, ...rest) =>
        regionArguments(flags & 4 ? flags & ~KVM_MEM_LOG_DIRTY_PAGES : flags, ...rest),
    },
    by: [10087, 'set_region errno'],
  },
  {
    id: 'no-readonly-slots',
    base: '6.12',
    why: 'KVM_MEM_READONLY is refused',
    checks: {
      regionArguments: (flags, ...rest) =>
        flags & KVM_MEM_READONLY ? -EINVAL : regionArguments(flags, ...rest),
    },
    by: [10024, 'set_region ret'],
  },
  {
    id: 'attributes-any-flags',
    base: '6.12',
    why: 'KVM_SET_MEMORY_ATTRIBUTES passes over its flags',
    checks: {
      attributeArguments: (gpa, size, attrs, _flags, supports) =>
        attributeArguments(gpa, size, attrs, 0, supports),
    },
    by: [10019, 'set_attr ret'],
  },
  {
    id: 'attributes-of-nothing',
    base: '6.12',
    why: 'KVM_SET_MEMORY_ATTRIBUTES of no page at all does nothing, successfully',
    checks: {
      attributeArguments: (gpa, size, attrs, flags, supports) =>
        size === 0 ? 0 : attributeArguments(gpa, size, attrs, flags, supports),
    },
    by: [10000, 'set_attr ret'],
  },
  {
    id: 'default-vm-has-private-memory',
    base: 'P9',
    why: 'the attribute PRIVATE is known to every type of VM',
    checks: {
      attributeArguments: (gpa, size, attrs, flags) =>
        attributeArguments(gpa, size, attrs, flags, { defaultVm: false, mmap: true }),
    },
    by: [30021, 'set_attr ret'],
  },
  {
    id: 'prefault-any-flags',
    base: '6.12',
    why: 'KVM_PRE_FAULT_MEMORY passes over its flags',
    checks: { preFaultArguments: (gpa, size) => preFaultArguments(gpa, size, 0) },
    by: [10013, 'prefault ret'],
  },
  {
    id: 'prefault-rounds-down',
    base: '6.12',
    why: 'KVM_PRE_FAULT_MEMORY begins with the page that its gpa is in',
    checks: {
      preFaultArguments: (gpa, size, flags) =>
        preFaultArguments(Math.floor(gpa / PAGE) * PAGE, size, flags),
    },
    by: [10029, 'prefault errno'],
  },
  {
    id: 'fallocate-mode-first',
    base: '6.12',
    why: 'fallocate() looks at its mode before offset and length',
    checks: {
      fallocateArguments: (mode, offset, len) =>
        fallocateArguments(mode, 0, PAGE) || fallocateArguments(mode, offset, len),
    },
    by: [10029, 'fallocate errno'],
  },
  {
    id: 'fallocate-too-big-first',
    base: '6.12',
    why: 'fallocate() looks whether the end is too far before it looks at the mode',
    checks: {
      fallocateArguments: (mode, offset, len) =>
        offset >= 0 && len > 0 && BigInt(offset) + BigInt(len) >= 1n << 63n
          ? -EFBIG
          : fallocateArguments(mode, offset, len),
    },
    by: [10043, 'fallocate errno'],
  },
  {
    id: 'fallocate-aligned-first',
    base: '6.12',
    why: 'fallocate() looks at the alignment before it looks at KEEP_SIZE',
    checks: {
      fallocateArguments: (mode, offset, len) => {
        const r = fallocateArguments(mode, offset, len);
        const isOwn = r === -EOPNOTSUPP && mode === 0;
        return isOwn && (isUnaligned(offset) || isUnaligned(len)) ? -EINVAL : r;
      },
    },
    by: [10019, 'fallocate errno'],
  },
  {
    id: 'fallocate-may-grow',
    base: '6.12',
    why: 'fallocate() without KEEP_SIZE allocates as with it',
    checks: {
      fallocateArguments: (mode, offset, len) =>
        fallocateArguments(mode === 0 ? FALLOC_FL_KEEP_SIZE : mode, offset, len),
    },
    change: (f) => ({
      kvm_gmem_fallocate: given(f.kvm_gmem_fallocate, (k, inode, mode, ...range) => [
        k,
        inode,
        mode | FALLOC_FL_KEEP_SIZE,
        ...range,
      ]),
    }),
    by: [10019, 'fallocate errno'],
  },
  {
    id: 'fallocate-wraps',
    base: '6.12',
    why: 'fallocate() is not refused (EFBIG) because its end is too far',
    checks: {
      fallocateArguments: (mode, offset, len) => {
        const r = fallocateArguments(mode, offset, len);
        return r === -EFBIG ? fallocateArguments(mode, offset % PAGE, len % PAGE || PAGE) : r;
      },
    },
    by: [10002, 'fallocate errno'],
  },
];
