import { choose, step } from '../../../src/core/index.js';
import { EAGAIN, ENOMEM } from '../../errno.js';
import { kvm_gmem_for_each_file } from '../../flows/gmem_files.js';
import { filemap_invalidate_lock, filemap_invalidate_unlock } from '../../flows/locks.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { judgeConversion, rememberAttributes } from '../../state/conversions.js';
import { NONE } from '../../state/shape.js';
import type { Inode } from '../../state/structs.js';

const gmem = from('virt/kvm/guest_memfd.c', 'RFC v2 02/51 and 04/51 (2025-05-14)');

/** struct conversion_work: pages [start, end) that are not as asked. */
export interface Work {
  readonly start: number;
  readonly end: number;
}

/** KVM_GMEM_CONVERT_SHARED and KVM_GMEM_CONVERT_PRIVATE: here the same operation as later. */
export const kvm_gmem_convert_range = gmem(function* kvm_gmem_convert_range(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
  attrs: number,
) {
  yield* filemap_invalidate_lock(inode);
  const [r, error] = yield* convert(k, inode, start, end, attrs);
  yield* filemap_invalidate_unlock(inode, () =>
    judgeConversion(k, inode, { start, end, attrs }, [r, error]),
  );
  return [r, error] as const;
});

/** Begin, which zaps, for all of the work; then ask whether it may proceed; then do it. */
function* convert(k: Kernel, inode: Inode, start: number, end: number, attrs: number) {
  const work = yield* compute_work(k, inode, start, end, attrs);
  if (work.length === 0) return [0, 0] as const;
  const files = yield* kvm_gmem_for_each_file(k, inode);
  for (const w of work)
    for (const gmem of files) yield* k.kvm_gmem_invalidate_begin(gmem, w.start, w.end);
  const unsafe = attrs ? yield* should_proceed(k, inode, work) : NONE;
  const r = unsafe === NONE ? yield* execute(k, inode, work, attrs) : -EAGAIN;
  for (const w of work)
    for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, w.start, w.end);
  return [r, Math.max(unsafe, 0)] as const;
}

/**
 * A list of the ranges that are otherwise by now. An allocation that fails ends
 * it: the error is kept in a variable of the loop and lost with it, so that the
 * caller goes on with what there is.
 */
export function* compute_work(k: Kernel, inode: Inode, start: number, end: number, attrs: number) {
  const otherwise = yield* step('mas_for_each(&mas, entry, last)', () => {
    rememberAttributes(inode);
    let mask = 0;
    for (let i = start; i < end; i++) if (inode.attributes.load(i) !== attrs) mask |= 1 << i;
    return mask;
  });
  const work: Work[] = [];
  for (let i = start; i < end; i++) {
    if (!((otherwise >> i) & 1)) continue;
    const first = i;
    while ((otherwise >> (i + 1)) & 1) i++;
    if (yield* no_memory(k, 'add_to_work_list()')) break;
    work.push({ start: first, end: i + 1 });
  }
  return work;
}

function* should_proceed(k: Kernel, inode: Inode, work: readonly Work[]) {
  for (const { start, end } of work) {
    if (k.shape.mmap) yield* k.unmap_mapping_pages(inode, start, end);
    const unsafe = yield* k.kvm_gmem_unsafe_page(inode, start, end);
    if (unsafe !== NONE) return unsafe;
  }
  return NONE;
}

/** A store that gets no memory has what came before it taken back, by stores again. */
function* execute(k: Kernel, inode: Inode, work: readonly Work[], attrs: number) {
  let done = 0;
  while (done < work.length && (yield* shareability_apply(k, inode, work[done]!, attrs))) done++;
  if (done === work.length) return 0;
  for (let i = 0; i < done; i++) yield* shareability_apply(k, inode, work[i]!, 1 - attrs);
  return -ENOMEM;
}

/** The tree's own lock, and its memory while that is held. */
export function* shareability_apply(k: Kernel, inode: Inode, { start, end }: Work, attrs: number) {
  const failed = yield* choose(
    `kvm_gmem_shareability_store([${start}..${end - 1}])`,
    MAY_FAIL.slice(0, k.shape.faults > 0 ? 2 : 1),
    (option) => {
      if (option === 0) for (let i = start; i < end; i++) inode.attributes.store(i, attrs);
      return option;
    },
  );
  return failed === 0;
}

function* no_memory(k: Kernel, label: string) {
  if (k.shape.faults === 0) return false;
  return (yield* choose(label, MAY_FAIL)) !== 0;
}

export const MAY_FAIL = [
  { name: '', cost: 0 },
  { name: '-ENOMEM', cost: 1 },
];
