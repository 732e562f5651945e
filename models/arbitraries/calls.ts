import { clip, type Range } from '../../src/fastcheck/index.js';
import type { Call } from '../operations.js';
import {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  KVM_MEM_READONLY,
  KVM_MEMORY_ATTRIBUTE_PRIVATE,
  KVM_SET_MEMORY_ATTRIBUTES2_PRESERVE,
  KVM_SET_MEMORY_ATTRIBUTES2_ZERO,
} from '../uapi.js';
import type { Action } from './actions.js';
import type { RawCall } from './raw.js';

/** Where a call is made, and what it may say there. */
export interface Place {
  readonly pages: number;
  /** What is private at first. */
  readonly attributes: readonly boolean[];
  /** The vCPU of its column. */
  readonly vcpu: number;
  /** Its column, for who is sent a signal where there is no other. */
  readonly target: string;
  /** Pages of slot 0. */
  readonly slotPages: number;
  readonly isHuge: boolean;
  /** Can a slot be made read-only? */
  readonly hasReadonly: boolean;
  /** May conversions say what becomes of the contents? Whose VM that is asked of is left open. */
  readonly hasContentModes: boolean;
}

/** As many pages as there can be are all that there are. */
const ALL = 4;
const rangeOf = ({ range }: RawCall, pages: number): Range =>
  range.count === ALL
    ? { start: 0, count: pages }
    : clip({ ...range, start: range.start % pages }, pages);

type Conversion = Pick<Extract<Call, { op: 'KVM_SET_MEMORY_ATTRIBUTES2' }>, 'flags' | 'retries'>;

const PUNCH = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
const REGION = 'KVM_SET_USER_MEMORY_REGION2';
/** Of the words that a call may be told, from the last one on. */
const [LAST, LAST_BUT_ONE, LAST_BUT_TWO] = [7, 6, 5];
const LAST_OF_FOUR = 3;

/** An action as a call, within the pages that there are. */
export function callOf(action: Action, raw: RawCall, place: Place): Call {
  const { value, isUsual: isPrivate, word } = raw;
  const { pages, vcpu } = place;
  const { start: gfn, count: npages } = rangeOf(raw, pages);
  const becomes = place.attributes[gfn] !== raw.isUsual;
  const attrs = becomes ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0;
  switch (action) {
    case 'read':
      return { op: action, vcpu, gfn, isPrivate };
    case 'write':
      return { op: action, vcpu, gfn, value, isPrivate };
    case 'accept':
      return { op: action, vcpu, gfn, ...(place.isHuge && word === LAST ? { level: 2 } : {}) };
    case 'KVM_TDX_INIT_VCPU':
      return { op: action, vcpu };
    case 'KVM_TDX_INIT_MEM_REGION':
      return { op: action, vcpu, gfn, npages, value };
    case 'KVM_PRE_FAULT_MEMORY':
      return { op: action, vcpu, gfn, npages };
    case 'punch':
      return { op: 'fallocate', file: 0, mode: PUNCH, offset: gfn, len: npages };
    case 'allocate':
      return { op: 'fallocate', file: 0, mode: FALLOC_FL_KEEP_SIZE, offset: gfn, len: npages };
    case 'KVM_SET_MEMORY_ATTRIBUTES':
      return { op: action, gfn, npages, attrs };
    case 'KVM_SET_MEMORY_ATTRIBUTES2':
      return { op: action, file: 0, offset: gfn, npages, attrs, ...conversionWords(word, place) };
    case 'delete':
      return { op: REGION, slot: 0, gfn: 0, npages: 0, file: undefined, pgoff: 0 };
    case 'delete_other':
      return { op: REGION, slot: 1, gfn: 0, npages: 0, file: undefined, pgoff: 0 };
    case 'unback':
      return { op: REGION, slot: 0, gfn: 0, npages: pages, file: undefined, pgoff: 0 };
    case 'move': {
      const at = { slot: 0, gfn: 1, npages: place.slotPages, userspace_addr: 0, pgoff: 0 };
      return { op: REGION, ...at, file: word === LAST ? 0 : undefined };
    }
    case 'create': {
      const flags = place.hasReadonly && word === LAST ? { flags: KVM_MEM_READONLY } : {};
      // At the gfns that the firmware was told: to move a slot is the VMM's own fault.
      return { op: REGION, slot: 0, gfn, npages, ...flags, file: 0, pgoff: gfn };
    }
    case 'close':
      return { op: action, file: 0 };
    case 'memory_failure':
      return { op: action, file: 0, index: gfn };
    case 'KVM_SEV_SNP_LAUNCH_UPDATE':
      return { op: action, gfn, npages, value };
    case 'KVM_SEV_SNP_LAUNCH_FINISH':
    case 'KVM_TDX_FINALIZE_VM':
    case 'brk':
      return { op: action };
    case 'tgkill':
      return { op: action, column: place.target };
    case 'munmap':
    case 'madvise':
      return { op: action, gfn, npages };
    case 'pin_user_pages':
    case 'mincore':
    case 'mmap_read':
      return { op: action, file: 0, offset: gfn };
    case 'mmap_write':
      return { op: action, file: 0, offset: gfn, value };
    case 'host_read':
      return { op: action, gfn };
    case 'host_write':
      return { op: action, gfn, value };
  }
}

function conversionWords(word: number, { hasContentModes }: Place): Conversion {
  if (word % 4 === LAST_OF_FOUR) return { retries: true };
  if (!hasContentModes) return {};
  if (word === LAST_BUT_ONE) return { flags: KVM_SET_MEMORY_ATTRIBUTES2_ZERO };
  return word === LAST_BUT_TWO ? { flags: KVM_SET_MEMORY_ATTRIBUTES2_PRESERVE } : {};
}
