import fc from 'fast-check';
import type { Call } from '../operations.js';
import type { Protocol } from '../protocol.js';
import type { Column } from '../scenario.js';
import { mayHaveSeveral } from '../refused.js';
import type { Vms } from '../state/vms.js';

/** What a generated second VM has: a file that links gmem0's inode. */
export const twoVms = (sameAsid: boolean): Vms => ({
  count: 2,
  files: [
    { vm: 0, inode: 0 },
    { vm: 1, inode: 0 },
  ],
  sameAsid,
});

/** Is there a second VM, where this version can have one, and which columns are its own? */
export const secondVm = (protocol: Protocol) =>
  mayHaveSeveral(protocol)
    ? {
        inOther: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
        hasOther: fc.nat(5).map((n) => n === 5),
        sameAsid: fc.boolean().map((isOwn) => !isOwn),
      }
    : {
        inOther: fc.constant([]),
        hasOther: fc.constant(false),
        sameAsid: fc.constant(true),
      };

/** A column of the first VM as one of the second. */
export const columnOfOther = ({ name, calls }: Column): Column => ({
  name: `vm1:${name}`,
  calls: calls.map(ofOther),
});

/** The same through the second VM: its slot and its file, except where the VMM's mapping is. */
function ofOther(call: Call): Call {
  const other: Call = { ...call, vm: 1 };
  switch (other.op) {
    case 'KVM_SET_USER_MEMORY_REGION2':
      return { ...other, slot: 1, file: other.file === undefined ? undefined : 1 };
    case 'fallocate':
    case 'close':
    case 'memory_failure':
    case 'KVM_SET_MEMORY_ATTRIBUTES2':
      return { ...other, file: 1 };
    default:
      return other;
  }
}
