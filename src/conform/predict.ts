import type { Kernel } from '../../models/kernel.js';
import { NONE } from '../../models/state/shape.js';
import { VCPU_STATS } from '../../models/state/structs.js';
import {
  BUS_ADRERR,
  KVM_EXIT_IO,
  KVM_EXIT_MEMORY_FAULT,
  KVM_EXIT_MMIO,
  KVM_EXIT_UNKNOWN,
  SIGBUS,
  UNTOUCHED,
} from '../../models/uapi.js';
import { resultName } from '../errno.js';
import type { Look, Outcome } from './follow.js';
import type { GpaRange } from './gfns.js';
import type { Plan, Planned } from './plan.js';
import { PAGE_SIZE, WORD_SIZE, type Recorded } from './schema.js';

/** One compared field: what was recorded, what the model says. */
export interface Field {
  readonly name: string;
  readonly recorded: FieldValue;
  readonly model: FieldValue;
}
export type FieldValue = number | string | null;

const EXITS: Readonly<Record<number, string>> = {
  [KVM_EXIT_UNKNOWN]: 'UNKNOWN',
  [KVM_EXIT_IO]: 'IO',
  [KVM_EXIT_MMIO]: 'MMIO',
  [KVM_EXIT_MEMORY_FAULT]: 'MEMORY_FAULT',
  [UNTOUCHED]: 'UNTOUCHED',
};

/** Every field that is compared after an operation, in the order they are looked at. */
export function fieldsOf(plan: Plan, planned: Planned, outcome: Outcome, look: Look): Field[] {
  return [
    ...resultFields(planned.line.op, outcome),
    ...ownFields(plan, planned.line.op, outcome),
    ...look((k) => [...stateFields(k, planned), ...statistics(k, planned)]),
  ];
}

function resultFields({ op, ret, errno }: Recorded, { r }: Outcome): Field[] {
  if (op === 'map_read' || op === 'map_write')
    return [
      { name: 'ret', recorded: ret, model: r === 0 ? 0 : -1 },
      { name: 'errno', recorded: errno, model: null },
    ];
  return [
    { name: 'ret', recorded: ret, model: r! < 0 ? -1 : r! },
    { name: 'errno', recorded: errno, model: r! < 0 ? resultName(r!).replace(/^-/, '') : null },
  ];
}

/** Fields that only some operations have. */
function ownFields(plan: Plan, op: Recorded, outcome: Outcome): Field[] {
  switch (op.op) {
    case 'guest_read':
    case 'guest_write':
      return accessFields(plan, op, outcome);
    case 'host_read':
      return [{ name: 'got', recorded: op.got, model: wordOf(plan, outcome['v']!) }];
    case 'map_read':
    case 'map_write':
      return mappedFields(plan, op, outcome);
    case 'set_attr':
      return rangeFields(op.out, op);
    case 'prefault': {
      return [
        ...rangeFields(op.out, leftover(op, outcome['left'])),
        { name: 'run_exit', recorded: op.run_exit, model: exitOf(outcome['exit'] ?? UNTOUCHED) },
      ];
    }
    default:
      return [];
  }
}

/** Arguments that are refused leave the range alone; it may be one that no double can add up. */
function leftover({ gpa, size }: GpaRange, pages: number | undefined): GpaRange {
  if (pages === undefined) return { gpa, size };
  return { gpa: gpa + size - pages * PAGE_SIZE, size: pages * PAGE_SIZE };
}

function accessFields(
  plan: Plan,
  op: Extract<Recorded, { exit: unknown }>,
  outcome: Outcome,
): Field[] {
  const exit = outcome['exit']!;
  const faults = exit === KVM_EXIT_MEMORY_FAULT;
  const mmio = exit === KVM_EXIT_MMIO;
  const reads = op.op === 'guest_read';
  return [
    { name: 'exit', recorded: op.exit, model: exitOf(exit) },
    field('mf.flags', op.mf?.flags, faults, outcome['flags']!),
    field('mf.gpa', op.mf?.gpa, faults, op.gpa),
    field('mf.size', op.mf?.size, faults, PAGE_SIZE),
    field('mmio.gpa', op.mmio?.gpa, mmio, op.gpa),
    field('mmio.len', op.mmio?.len, mmio, WORD_SIZE),
    field('mmio.write', op.mmio?.write, mmio, reads ? 0 : 1),
    ...(reads ? [field('got', op.got, exit === KVM_EXIT_IO, wordOf(plan, outcome['v']!))] : []),
  ];
}

function mappedFields(
  plan: Plan,
  op: Extract<Recorded, { page: unknown; g: unknown }>,
  { r, v }: Outcome,
): Field[] {
  const isRefused = r === SIGBUS;
  return [
    field('signal', op.signal, isRefused, SIGBUS),
    field('si_code', op.si_code, isRefused, BUS_ADRERR),
    ...(op.op === 'map_read' ? [field('got', op.got, !isRefused, wordOf(plan, v!))] : []),
  ];
}

const field = (
  name: string,
  recorded: number | undefined,
  present: boolean,
  model: FieldValue,
): Field => ({ name, recorded: recorded ?? null, model: present ? model : null });

function rangeFields(
  recorded: { gpa: number; size: number },
  model: { gpa: number; size: number },
): Field[] {
  return [
    { name: 'out.gpa', recorded: recorded.gpa, model: model.gpa },
    { name: 'out.size', recorded: recorded.size, model: model.size },
  ];
}

const exitOf = (exit: number): string => EXITS[exit] ?? String(exit);
const wordOf = (plan: Plan, number: number): FieldValue =>
  plan.words.word(number) ?? 'what the frame held before';

/** guest_memfd counts no blocks of its inodes. */
const I_BLOCKS = 0;

/** What each handle shows: nothing, or the size and the populated pages. */
function stateFields(k: Kernel, { line, handles }: Planned): Field[] {
  return line.op.st.g.flatMap((recorded, handle): Field[] => {
    const file = handles[handle];
    const open = file !== undefined && k.files[file]!.fd_open;
    const name = `st.g[${handle}]`;
    if (!recorded || !open)
      return [{ name, recorded: recorded ? 'open' : null, model: open ? 'open' : null }];
    const pages = populated(k, file);
    const shown = recorded.pop.length;
    return [
      ...ifRecorded(`${name}.blocks`, recorded.blocks, I_BLOCKS),
      {
        name: `${name}.size`,
        recorded: recorded.size,
        model: k.inodes[file]!.size * PAGE_SIZE,
      },
      {
        name: `${name}.pop`,
        recorded: recorded.pop,
        model: pages.slice(0, shown).padEnd(shown, '0'),
      },
      {
        name: `${name}.pop_beyond`,
        recorded: recorded.pop_beyond,
        model: pages.slice(shown).replaceAll('0', '').length,
      },
    ];
  });
}

/** KVM's own counts, of what is mapped and of the vCPU's faults. */
function statistics(k: Kernel, planned: Planned): Field[] {
  const { st } = planned.line.op;
  const { stat } = k.vcpus[0]!;
  const { pf_taken, pf_fixed, pf_spurious } = VCPU_STATS;
  return [
    { name: 'st.pages_4k', recorded: st.pages_4k, model: leaves(k, planned) },
    ...ifRecorded('st.pf_taken', st.pf_taken, stat.load(pf_taken) + planned.codeFaults),
    ...ifRecorded('st.pf_fixed', st.pf_fixed, stat.load(pf_fixed) + planned.codeFaults),
    ...ifRecorded('st.pf_spurious', st.pf_spurious, stat.load(pf_spurious)),
  ];
}

/** What a recording may leave out. */
const ifRecorded = (name: string, recorded: number | undefined, model: number): Field[] =>
  recorded === undefined ? [] : [{ name, recorded, model }];

/** Leaf SPTEs; the page with the guest's code, which is in no tested slot, is one as well. */
function leaves(k: Kernel, { ran }: Planned): number {
  let count = ran ? 1 : 0;
  for (let gfn = 0; gfn < k.kvm.sptes.length; gfn++) if (k.kvm.sptes.load(gfn) >= 0) count++;
  return count;
}

/** One character a page: is it in the filemap? */
function populated(k: Kernel, file: number): string {
  const { i_pages } = k.inodes[file]!;
  let text = '';
  for (let i = 0; i < i_pages.length; i++) text += i_pages.load(i) === NONE ? '0' : '1';
  return text;
}
