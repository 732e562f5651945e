import { step } from '../../../src/core/index.js';
import type { Kernel } from '../../kernel.js';
import { binding } from '../../protocols/P9.js';
import { from } from '../../source.js';
import {
  FILE_REF,
  FOLIO_LOCK,
  FOLIO_REF,
  type GmemFile,
  type Inode,
  type Kvm,
  type Slot,
} from '../../state/structs.js';
import type { Mistake } from './mistake.js';

const wrong = from('a mistake', 'made on purpose');

/** The host's fault, with one thing left out. */
const faults = (asks: { size?: boolean; flag?: boolean; clear?: boolean }) =>
  wrong(
    function* (k: Kernel, inode: Inode, index: number) {
      const size = yield* step('i_size_read(inode)', () => inode.size);
      if (asks.size && index >= size) return -2;
      if (asks.flag && k.shape.fileFlags![k.inodes.indexOf(inode)] !== 'INIT_SHARED') return -2;
      const number = yield* k.kvm_gmem_get_folio(inode, Math.min(index, size - 1), false);
      yield* step('is it cleared?', () => {
        if (asks.clear && !k.folios[number]!.uptodate) k.folios[number]!.content = 0;
        k.folios[number]!.uptodate = true;
      });
      return number;
    },
    [FOLIO_LOCK, FOLIO_REF],
  );

/** Everything as in 7.3, and then one thing more. */
const prepareWith = (also: (slot: Slot, file: GmemFile) => void) =>
  wrong(
    function* (k: Kernel, kvm: Kvm, slot: Slot, file: GmemFile, pgoff: number) {
      const r = yield* binding.kvm_gmem_prepare_memory_region(k, kvm, slot, file, pgoff);
      if (r === 0) yield* step('and then', () => also(slot, file));
      return r;
    },
    [FILE_REF],
  );

/** guest_memfds that the host maps: 7.3. */
export const mappedMistakes: readonly Mistake[] = [
  {
    id: 'host-maps-private',
    base: 'P9',
    why: 'the host may map memory that is private',
    change: () => ({ kvm_gmem_fault_user_mapping: faults({ size: true, clear: true }) }),
    by: [30006, 'map_read ret'],
  },
  {
    id: 'host-maps-past-end',
    base: 'P9',
    why: 'the host may map what is behind the end of the file',
    change: () => ({ kvm_gmem_fault_user_mapping: faults({ flag: true, clear: true }) }),
    by: [30021, 'map_read end'],
  },
  {
    id: 'host-page-not-cleared',
    base: 'P9',
    why: 'the host gets a page that nobody has cleared',
    change: () => ({ kvm_gmem_fault_user_mapping: faults({ flag: true, size: true }) }),
    by: [30025, 'map_read got'],
  },
  {
    id: 'host-reads-nothing',
    base: 'P9',
    why: 'the host reads through a mapping without filling it',
    change: () => ({
      exc_page_fault: wrong(function* () {
        return [0, 0] as const;
      }),
    }),
    by: [30025, 'map_read got'],
  },
  {
    id: 'hole-keeps-mapping',
    base: 'P9',
    why: 'a hole leaves the mapping alone',
    change: () => ({ truncate_cleanup_folio: wrong(function* () {}) }),
    by: [30043, 'map_read got'],
  },
  {
    id: 'gmem-only-ignored',
    base: 'P9',
    why: 'shared memory is behind userspace_addr whatever the slot',
    change: () => ({ kvm_gmem_prepare_memory_region: prepareWith((s) => s.gmem_only.store(0, 0)) }),
    by: [30025, 'guest_write st.g[0].pop'],
  },
  {
    id: 'every-slot-gmem-only',
    base: 'P9',
    why: 'a slot has no other memory than its guest_memfd, mapped or not',
    change: () => ({ kvm_gmem_prepare_memory_region: prepareWith((s) => s.gmem_only.store(0, 1)) }),
    by: [30063, 'guest_read st.g[0].pop'],
  },
  {
    id: 'mapping-keeps-no-file',
    base: 'P9',
    why: 'a mapping does not keep its file',
    change: () => ({
      kvm_gmem_mmap: wrong(function* () {
        return 0;
      }),
    }),
    by: [30021, 'close_gmem st.pages_4k'],
  },
];
