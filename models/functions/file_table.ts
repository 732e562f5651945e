import type { Flow } from '../../src/core/index.js';
import type { GmemFile, Inode } from '../state/structs.js';

/** fs/file_table.c, fs/open.c and kernel/task_work.c */
export interface FileTableFunctions {
  fput(file: GmemFile): Flow;
  close_fd(file: GmemFile): Flow<number>;
  task_work_run(): Flow;
  __fput(inode: Inode, file: GmemFile): Flow;
  vfs_fallocate(file: GmemFile, mode: number, offset: number, len: number): Flow<number>;
}
