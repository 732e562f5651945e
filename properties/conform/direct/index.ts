import {
  PAGE,
  PRIVATE,
  READONLY,
  refusedAttributes,
  refusedFile,
  refusedMode,
  refusedRange,
  refusedRegion,
  type Args,
  type Version,
} from './arguments.js';
import { DirectMemory, refused, type Result, type Spte } from './memory.js';
import type { Op, SequenceKind } from '../../../src/conform/sequences.js';

/**
 * What operations come to one at a time, said directly and a second time: no steps, no locks,
 * nobody else. It shares nothing with the model but the kernel that both were read from, and
 * gives each recording there is as it is.
 */
export class DirectVm extends DirectMemory {
  private readonly stat = { pf_taken: 0, pf_fixed: 0, pf_spurious: 0 };

  /** Does the recorder ask that? It opens a handle once, and accesses what it has mapped. */
  asks({ op, ...args }: Op): boolean {
    const g = args['g'] as number;
    if (op === 'create_gmem') return !this.handles[g];
    if (op === 'prefault') return !this.isObsolete;
    if (op === 'close_gmem' || op === 'fallocate') return this.handles[g] !== undefined;
    return !op.startsWith('map_') || this.mapped[g] !== undefined;
  }

  /** The line that is written down. */
  line(op: Op): object {
    const args = op as unknown as Args;
    const { gpa, size } = args;
    const out = op.op === 'set_attr' || op.op === 'prefault' ? { out: { gpa, size } } : {};
    const untouched = op.op === 'prefault' ? { run_exit: 'UNTOUCHED' } : {};
    const no = this.refusal(op.op, args);
    const result = no === undefined ? this.perform(op.op, args) : refused(no);
    const { errno, ...fields }: Result = { ...out, ...untouched, ...result };
    const ret = errno === undefined && !('signal' in fields) ? 0 : -1;
    return { ...op, ...fields, ret, errno: errno ?? null, st: this.state() };
  }

  /** What the arguments alone are refused for. */
  private refusal(op: string, args: Args): string | undefined {
    const { kernel, isDefault } = this;
    if (op === 'create_gmem') return refusedFile(args, kernel, isDefault);
    if (op === 'set_region') return refusedRegion(args, kernel, isDefault);
    if (op === 'fallocate') return refusedMode(args, kernel);
    if (op === 'set_attr') return refusedAttributes(args, isDefault);
    return op === 'prefault' ? refusedRange(args) : undefined;
  }

  private state(): object {
    const g = this.handles.map((file) => {
      if (!file) return null;
      const pop = Array.from({ length: 8 }, (_, i) => (file.pages.has(i) ? '1' : '0')).join('');
      return { size: file.size * PAGE, blocks: 0, pop, pop_beyond: 0 };
    });
    const leaves = [...this.sptes.values()].filter((spte) => spte.mmio === undefined).length;
    return { g, pages_4k: leaves + (this.code ? 1 : 0), ...this.stat };
  }

  private perform(op: string, a: Args): Result {
    switch (op) {
      case 'create_gmem':
        return this.create(a);
      case 'close_gmem':
        this.put(this.handles[a['g']!]!);
        this.handles[a['g']!] = undefined;
        return {};
      case 'set_region':
        return this.region(a);
      case 'fallocate':
        return this.fallocate(this.handles[a['g']!]!, a);
      case 'set_attr':
        return this.attributes(a);
      case 'prefault':
        return this.prefault(a);
      case 'mmap_gmem':
        return this.mmap(a);
      case 'map_read':
      case 'map_write':
        return this.access(this.mapped[a['g']!]!, a['page']!, a['val']);
      case 'guest_read':
      case 'guest_write':
        return this.run(a['gpa']!, a['val']);
      case 'host_read':
        return { got: this.host[a['slot']! - 1]!.get(a['page']!) ?? 0 };
      default:
        this.host[a['slot']! - 1]!.set(a['page']!, a['val']!);
        return {};
    }
  }

  /** @returns the SPTE that it ends with; none: to be emulated; or the flags of MEMORY_FAULT */
  private fault(gfn: number, asPrivate: boolean, write: boolean): Spte | number | undefined {
    const slot = this.slotOf(gfn);
    const flags = asPrivate ? PRIVATE : 0;
    if (asPrivate !== this.isPrivate.has(gfn)) return flags;
    if (!slot) {
      if (asPrivate) return flags;
      this.sptes.set(gfn, { mmio: this.generation });
      return undefined;
    }
    const index = gfn - slot.base;
    if (asPrivate || slot.gmemOnly) {
      if (!slot.file) return flags;
      const page = index + slot.pgoff;
      slot.file.pages.set(page, slot.file.pages.get(page) ?? 0);
      return this.map(gfn, { memory: slot.file.pages, page, writable: true });
    }
    if (write && slot.flags & READONLY) return undefined;
    return this.map(gfn, { memory: slot.host, page: index, writable: !(slot.flags & READONLY) });
  }

  private map(gfn: number, spte: Spte): Spte {
    this.sptes.set(gfn, spte);
    return spte;
  }

  private prefault({ gpa, size }: Args): Result {
    for (let done = 0; done < size!; done += PAGE) {
      const gfn = (gpa! + done) / PAGE;
      const leaf = this.sptes.get(gfn);
      if (leaf && leaf.mmio === undefined && leaf.writable) continue;
      const found = this.fault(gfn, this.isPrivate.has(gfn), false);
      if (typeof found === 'object') continue;
      const out = { gpa: gpa! + done, size: size! - done };
      const run_exit = found === undefined ? 'UNTOUCHED' : 'MEMORY_FAULT';
      const errno = found === undefined ? 'ENOENT' : 'EFAULT';
      return { out, run_exit, ...(done === 0 ? { errno } : {}) };
    }
    return { out: { gpa: gpa! + size!, size: 0 } };
  }

  private run(gpa: number, val: number | undefined): Result {
    if (!this.code) this.count();
    this.code = true;
    this.isObsolete = false;
    const gfn = gpa / PAGE;
    const found = this.walk(gfn, val !== undefined);
    const mmio = { gpa, write: val === undefined ? 0 : 1, len: 4 };
    if (found === undefined) return { exit: 'MMIO', mmio };
    const mf = { flags: found, gpa, size: PAGE };
    if (typeof found === 'number') return { exit: 'MEMORY_FAULT', mf, errno: 'EFAULT' };
    if (found.mmio !== undefined) return { exit: 'MMIO', mmio };
    if (val === undefined) return { exit: 'IO', got: found.memory.get(found.page) ?? 0 };
    found.memory.set(found.page, val);
    return { exit: 'IO' };
  }

  /** What an MMIO SPTE of an earlier generation faults for is taken for shared. */
  private walk(gfn: number, write: boolean): Spte | number | undefined {
    const spte = this.sptes.get(gfn);
    if (spte?.mmio === this.generation) return spte;
    if (spte && spte.mmio === undefined && (spte.writable || !write)) return spte;
    const isStale = spte?.mmio !== undefined;
    const found = this.fault(gfn, !isStale && this.isPrivate.has(gfn), write);
    if (typeof found === 'object') this.count();
    else this.stat.pf_taken++;
    return found;
  }

  private count(): void {
    this.stat.pf_taken++;
    this.stat.pf_fixed++;
  }
}

/** Fields of a line that are arguments. */
export const ARGUMENTS: readonly string[] = [
  'op',
  'g',
  'slot',
  'page',
  'val',
  'gpa',
  'size',
  'flags',
  'goff',
  'mode',
  'off',
  'len',
  'attrs',
];

/** A recording that nobody has made: the operations that the recorder asks for, each answered. */
export function recordedDirectly(
  kernel: Version,
  { vmType }: SequenceKind,
  operations: readonly Op[],
): string {
  const machine = new DirectVm(kernel, vmType === 0);
  const lines: object[] = [{ op: 'vm', i: -1, vm_type: vmType, page: PAGE, N: 8, ret: 0 }];
  for (const op of operations)
    if (machine.asks(op)) lines.push({ ...machine.line(op), i: lines.length - 1 });
  return lines.map((l) => JSON.stringify({ seq: 1, ...l })).join('\n');
}
