import { again, step, test, type Flow, type Returned } from '../../src/core/index.js';
import { EBADF, EINVAL, EOPNOTSUPP } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { NONE } from '../state/shape.js';
import { FILE_REF, type GmemFile, type Inode } from '../state/structs.js';
import { file_inode, isLinked } from '../state/vms.js';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '../uapi.js';
import { fileRef } from './locks.js';

const file_table = from('fs/file_table.c', '6.12.117');
const open = from('fs/open.c', '6.12.117');

/** Drops a reference; the last one leaves the release to this task's way out. */
export const fput = file_table(
  function* fput(k: Kernel, file: GmemFile) {
    yield* step('fput(file)', () => dropFile(k, file, file.f_count.put()), {
      releases: [fileRef(file)],
    });
  },
  [FILE_REF],
);

function dropFile(k: Kernel, file: GmemFile, isLast: boolean): void {
  if (isLast) file.releaser = k.memory.actor;
}

/** close(2) of the only descriptor. */
export const close_fd = open(function* close_fd(k: Kernel, file: GmemFile) {
  const closed = yield* test('close(): fput(file)', () => {
    if (!file.fd_open) return false;
    file.fd_open = false;
    dropFile(k, file, file.f_count.putShared());
    return true;
  });
  return closed ? 0 : -EBADF;
});

/** On the way out to user space: the releases that this task owes. */
export const task_work_run = from(
  'kernel/task_work.c',
  '6.12.117',
)(function* task_work_run(k: Kernel) {
  if (!k.shape.closes) return;
  const owed = yield* step('task_work_run()', () =>
    k.files.findIndex((f) => f.releaser === k.memory.actor),
  );
  if (owed === NONE) return;
  yield* k.__fput(file_inode(k, k.files[owed]!), k.files[owed]!);
  yield* again();
});

/** ->release(), then the inode goes with all its folios, if it was the last file of it. */
export const __fput = file_table(function* __fput(k: Kernel, inode: Inode, file: GmemFile) {
  yield* k.kvm_gmem_release(inode, file);
  if (isLinked(k.shape.vms) && !(yield* iput(inode, file))) return;
  yield* k.truncate_inode_pages_range(inode, 0, k.shape.pages);
  yield* step('evict(inode)', () => {
    inode.size = 0;
    file.releaser = NONE;
  });
});

/** Was it the last? Where an inode has one file it was, and nobody can tell the moment. */
const iput = (inode: Inode, file: GmemFile) =>
  test('iput(inode): the last?', () => {
    inode.i_count.store(0, inode.i_count.load(0) - 1);
    if (inode.i_count.load(0) === 0) return true;
    file.releaser = NONE;
    return false;
  });

/** The checks of the VFS, then the file's own fallocate. Offsets are in pages. */
export const vfs_fallocate = open(function* vfs_fallocate(
  k: Kernel,
  file: GmemFile,
  mode: number,
  offset: number,
  len: number,
) {
  if (offset < 0 || len <= 0) return -EINVAL;
  if (mode & FALLOC_FL_PUNCH_HOLE && !(mode & FALLOC_FL_KEEP_SIZE)) return -EOPNOTSUPP;
  const inode = file_inode(k, file);
  return yield* withFile(k, file, -EBADF, () => k.kvm_gmem_fallocate(inode, mode, offset, len));
});

/** A system call has a reference to the file behind its descriptor until it is done. */
export function* withFile<T extends Returned>(
  k: Kernel,
  file: GmemFile,
  isBad: T,
  call: () => Flow<T>,
) {
  // Where nobody closes a file its references are never the last.
  if (!k.shape.closes) return yield* call();
  if (!(yield* fget(file))) return isBad;
  const r = yield* call();
  yield* k.fput(file);
  return r;
}

/** Takes a reference to the file behind a descriptor, if it is open. */
export const fget = (file: GmemFile) =>
  test(
    'fget(fd)',
    () => {
      if (!file.fd_open) return false;
      file.f_count.get();
      return true;
    },
    { acquires: (found) => (found ? [fileRef(file)] : []) },
  );
