import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { step } from '../../src/core/index.js';
import type { Kernel } from '../../models/kernel.js';
import { protocol, type Difference } from '../../models/protocol.js';
import { binding, P9 } from '../../models/protocols/P9.js';
import { from } from '../../models/source.js';
import {
  FILE_REF,
  FOLIO_LOCK,
  FOLIO_REF,
  type GmemFile,
  type Kvm,
  type Inode,
  type Slot,
} from '../../models/state/structs.js';
import { readRecording } from '../../src/conform/read.js';
import { packageRoot } from '../../src/root.js';
import { differing } from './recordings.js';

const FOLDER = join(packageRoot, 'properties', 'fixtures', 'kernel-7.3');
const sequences = readRecording(join(FOLDER, 'mmap.jsonl'));

const wrong = from('a mistake', 'of this test');

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

interface Mutant {
  readonly functions: NonNullable<Difference['functions']>;
  /** What gives it away: operation and field. */
  readonly shows: string;
  readonly by: number;
}

/** Mistakes that a model of 7.3 could have, in what 6.12 has not got. */
const mutants: Record<string, Mutant> = {
  'the host may map memory that is private': {
    functions: { kvm_gmem_fault_user_mapping: faults({ size: true, clear: true }) },
    shows: 'map_read ret',
    by: 30006,
  },
  'the host may map what is behind the end of the file': {
    functions: { kvm_gmem_fault_user_mapping: faults({ flag: true, clear: true }) },
    shows: 'map_read end',
    by: 30021,
  },
  'the host gets a page that nobody has cleared': {
    functions: { kvm_gmem_fault_user_mapping: faults({ flag: true, size: true }) },
    shows: 'map_read got',
    by: 30025,
  },
  'the host reads through a mapping without filling it': {
    functions: {
      exc_page_fault: wrong(function* () {
        return [0, 0] as const;
      }),
    },
    shows: 'map_read got',
    by: 30025,
  },
  'a hole leaves the mapping alone': {
    functions: { truncate_cleanup_folio: wrong(function* () {}) },
    shows: 'map_read got',
    by: 30043,
  },
  'shared memory is behind userspace_addr whatever the slot': {
    functions: { kvm_gmem_prepare_memory_region: prepareWith((s) => s.gmem_only.store(0, 0)) },
    shows: 'guest_write st.g[0].pop',
    by: 30025,
  },
  'a slot has no other memory than its guest_memfd, mapped or not': {
    functions: { kvm_gmem_prepare_memory_region: prepareWith((s) => s.gmem_only.store(0, 1)) },
    shows: 'guest_read st.g[0].pop',
    by: 30063,
  },
  'a mapping does not keep its file': {
    functions: {
      kvm_gmem_mmap: wrong(function* () {
        return 0;
      }),
    },
    shows: 'close_gmem st.pages_4k',
    by: 30021,
  },
};

const variant = (title: string) =>
  protocol(P9, { id: 'wrong', title, functions: mutants[title]!.functions });

describe('the recordings of 7.3 tell a wrong model of the mapping', () => {
  it.each(Object.keys(mutants))('%s', (title) => {
    const { shows, by } = mutants[title]!;
    const found = differing(
      variant(title),
      sequences.filter((s) => s.seq === by),
    );
    const differences = found.map(({ sequence, difference: d }) => [
      sequence,
      `${d!.op} ${d!.field}`,
    ]);
    expect(differences).toEqual([[by, shows]]);
  });
});
