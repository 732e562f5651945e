import { renderTrace, type TraceReport } from '../../src/report/diagram.js';
import { follow, toy, type Program } from './toy.js';

/** The programs that most reports here are about. */
export const FAULT: Program = [['fault', 'run: write 0 1']];
export const CHECKED_FAULT: Program = [['checkedFault', 'run: write 0 1']];
export const PUNCH: Program = [['punch', 'fallocate(PUNCH_HOLE, 0, 1)']];
export const CLOSE: Program = [['release', 'close(gmem_fd)']];
export const POPULATE: Program = [['populate', 'ioctl(KVM_SEV_SNP_LAUNCH_UPDATE)']];

export const S1 = {
  kind: 'broken',
  id: 'S1',
  statement:
    "an SPTE points to a folio that is in its inode's filemap, or an invalidation that covers " +
    'it is in progress',
} as const;

/** The report of a schedule, without the empty line a template begins with. */
export function report(
  programs: Record<string, Program>,
  schedule: string,
  more: Partial<TraceReport> = {},
): string {
  const { world, operations, machine } = toy(programs);
  const trace = follow(machine, schedule);
  const isFinal = trace.run.isFinished;
  return `\n${renderTrace({ trace, world, operations, finding: S1, isFinal, ...more })}`;
}
