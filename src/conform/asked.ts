import { argumentChecks, type ArgumentChecks, type Supports } from '../../models/arguments.js';
import type { Protocol } from '../../models/protocol.js';
import type { GmemFlags } from '../../models/state/shape.js';
import { GUEST_MEMFD_FLAG_INIT_SHARED, GUEST_MEMFD_FLAG_MMAP } from '../../models/uapi.js';
import type { GpaRange } from './gfns.js';
import type { Sequence } from './read.js';
import { PAGE_SIZE, type Recorded, type RecordedOf } from './schema.js';

/** What a recorded operation's arguments say by themselves. */

/** What the recorded VM lets user space ask for, in this version, and who checks it. */
export interface Asked extends Supports {
  readonly checks: ArgumentChecks;
}

export const supportsOf = (
  { defaultVm }: Sequence,
  { functions }: Protocol,
  checks: ArgumentChecks = argumentChecks,
): Asked => ({ defaultVm, mmap: Object.hasOwn(functions, 'kvm_gmem_mmap'), checks });

/** The recorder's layout: slot s lies at s MiB, and so does its host area. */
const home = (slot: number): number => slot * 0x100000;

/** What the recorder can do and the model cannot. */
export function outsideModel(op: Recorded, supports: Asked): string | undefined {
  if ((op.op === 'guest_read' || op.op === 'guest_write') && op.gpa % PAGE_SIZE !== 0)
    return 'an access that is not at the start of a page';
  if (op.op !== 'set_region' || refusal(op, supports) !== 0) return undefined;
  return op.gpa === home(op.slot) || op.size === 0
    ? undefined
    : `slot ${op.slot} somewhere else than at gpa 0x${home(op.slot).toString(16)}`;
}

/** System calls that look for a handle's descriptor first. */
export const NAMES_HANDLE: readonly string[] = ['close_gmem', 'fallocate', 'mmap_gmem'];

/** INIT_SHARED without MMAP is nothing that shows: no access of the host gets that far. */
export function flagsOf(flags: number): GmemFlags {
  if ((flags & GUEST_MEMFD_FLAG_MMAP) === 0) return 'none';
  return (flags & GUEST_MEMFD_FLAG_INIT_SHARED) === 0 ? 'MMAP' : 'INIT_SHARED';
}

/** Guest memory that an operation names, if its arguments are accepted. */
export function touches(op: Recorded, supports: Asked): GpaRange[] {
  if (refusal(op, supports) !== 0) return [];
  switch (op.op) {
    case 'set_region':
      return op.size === 0 ? [] : [op];
    case 'set_attr':
    case 'prefault':
      return [op];
    case 'guest_read':
    case 'guest_write':
      return [{ gpa: op.gpa, size: 1 }];
    case 'host_read':
    case 'host_write':
      return [{ gpa: hostGpa(op), size: 1 }];
    default:
      return [];
  }
}

/** Host page n of a slot's area backs the n-th page of where the slot lies. */
export const hostGpa = (op: RecordedOf<'host_read' | 'host_write'>): number =>
  home(op.slot) + op.page * PAGE_SIZE;

/** What the kernel says to the arguments alone. */
export function refusal(op: Recorded, supports: Asked): number {
  const { checks } = supports;
  switch (op.op) {
    case 'create_gmem':
      return checks.createArguments(op.size, op.flags, supports);
    case 'set_region':
      return checks.regionArguments(op.flags, op.gpa, op.size, op.goff, supports);
    case 'set_attr':
      return checks.attributeArguments(op.gpa, op.size, op.attrs, op.flags, supports);
    case 'prefault':
      return checks.preFaultArguments(op.gpa, op.size, op.flags);
    case 'fallocate':
      return checks.fallocateArguments(op.mode, op.off, op.len, supports);
    case 'mmap_gmem':
      return checks.mmapArguments(op.len, supports);
    default:
      return 0;
  }
}
