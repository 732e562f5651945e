import { ENOMEM } from '../../errno.js';
import { kvm_gmem_for_each_file } from '../../flows/gmem_files.js';
import { roundDown, roundUp } from '../../flows/huge_folios.js';
import { filemap_invalidate_lock, filemap_invalidate_unlock } from '../../flows/locks.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { judgeConversion, type Conversion } from '../../state/conversions.js';
import { judgeOperation, judgeRange } from '../../state/huge-ghosts.js';
import type { Inode } from '../../state/structs.js';
import { compute_work, shareability_apply, type Work } from '../C0/convert.js';

const gmem = from('virt/kvm/guest_memfd.c', '1G page support for guest_memfd, RFC v2 (2025-05-14)');

export function judge(
  k: Kernel,
  inode: Inode,
  asked: Conversion,
  r: readonly [number, number],
): void {
  if (r[0] === 0) judgeRange(k, inode, asked);
  judgeConversion(k, inode, asked, r);
  judgeOperation(k, inode, undefined);
}

/** The whole of the series: begin on whole huge pages; ask, which zaps; store and restructure. */
export const kvm_gmem_convert_range = gmem(function* kvm_gmem_convert_range(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
  attrs: number,
) {
  yield* filemap_invalidate_lock(inode);
  const [r, error] = yield* convert(k, inode, start, end, attrs);
  yield* filemap_invalidate_unlock(inode, () => judge(k, inode, { start, end, attrs }, [r, error]));
  return [r, error] as const;
});

function* convert(k: Kernel, inode: Inode, start: number, end: number, attrs: number) {
  const work = yield* compute_work(k, inode, start, end, attrs);
  if (work.length === 0) return [0, 0] as const;
  const files = yield* kvm_gmem_for_each_file(k, inode);
  for (const w of work)
    for (const gmem of files) yield* k.kvm_gmem_invalidate_begin(gmem, ...rounded(k, w));
  let [r, error] = [0, 0];
  for (const w of work)
    if (r === 0)
      [r, error] = yield* k.kvm_gmem_convert_should_proceed(inode, w.start, w.end, attrs);
  if (r === 0) r = yield* execute(k, inode, work, attrs);
  for (const w of work)
    for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, ...rounded(k, w));
  return [r, error] as const;
}

const rounded = (k: Kernel, { start, end }: Work) =>
  [roundDown(k, start), roundUp(k, end)] as const;

/** What fails is taken back, with the work that came before it, by doing the opposite. */
function* execute(k: Kernel, inode: Inode, work: readonly Work[], attrs: number) {
  for (const [n, w] of work.entries()) {
    const r = yield* executeOne(k, inode, w, attrs);
    if (r === 0) continue;
    for (const done of work.slice(0, n + 1)) yield* executeOne(k, inode, done, 1 - attrs);
    return r;
  }
  return 0;
}

function* executeOne(k: Kernel, inode: Inode, w: Work, attrs: number) {
  if (!(yield* shareability_apply(k, inode, w, attrs))) return -ENOMEM;
  return yield* k.kvm_gmem_restructure_folios_in_range(inode, w.start, w.end, attrs === 0);
}
