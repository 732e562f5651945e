import type { ArgumentChecks } from '../../models/arguments.js';
import { EBADF } from '../../models/errno.js';
import type { Call } from '../../models/operations.js';
import type { Protocol } from '../../models/protocol.js';
import type { Scenario } from '../../models/scenario.js';
import type { GmemFlags } from '../../models/state/shape.js';
import { KVM_MEM_GUEST_MEMFD, UNTOUCHED } from '../../models/uapi.js';
import { InputError } from '../core/errors.js';
import {
  flagsOf,
  hostGpa,
  NAMES_HANDLE,
  outsideModel,
  refusal,
  supportsOf,
  touches,
  type Asked,
} from './asked.js';
import { DenseGfns, type GpaRange } from './gfns.js';
import type { Line, Sequence } from './read.js';
import { PAGE_SIZE, type Recorded, type RecordedOf } from './schema.js';
import { WordNames } from './words.js';

/** What one recorded operation is in the model. */
export interface Planned {
  readonly line: Line;
  /** The call of the model; undefined when the arguments alone are refused. */
  readonly call: Call | undefined;
  /** What the arguments alone give: 0, or a negative errno. */
  readonly refused: number;
  /** File behind each handle after the operation. */
  readonly handles: readonly (number | undefined)[];
  /** Is the page with the guest's code mapped by now? */
  readonly ran: boolean;
  /** How often the vCPU has faulted on that page by now; each time it was mapped. */
  readonly codeFaults: number;
}

/** A sequence as a scenario of one thread, and how to read its results. */
export interface Plan {
  readonly sequence: Sequence;
  readonly scenario: Scenario;
  readonly operations: readonly Planned[];
  readonly gfns: DenseGfns;
  readonly words: WordNames;
  /** Why the rest of the sequence is not compared. */
  readonly outside: { readonly line: Line; readonly why: string } | undefined;
}

/** A sequence larger than this would say nothing more, and could exhaust memory. */
const LIMITS = { operations: 2000, gfns: 1024, pages: 64, files: 32 } as const;

/** Puts a sequence into the model's terms. @throws InputError if it is too large. */
export function planSequence(
  sequence: Sequence,
  protocol: Protocol,
  checks?: ArgumentChecks,
): Plan {
  const supports = supportsOf(sequence, protocol, checks);
  const planner = new Planner(sequence, supports);
  const operations: Planned[] = [];
  let outside: Plan['outside'];
  for (const line of sequence.lines) {
    const why = outsideModel(line.op, supports);
    if (why !== undefined) {
      outside = { line, why };
      break;
    }
    operations.push(planner.plan(line));
  }
  return { ...planner.finish(operations), sequence, operations, outside };
}

class Planner {
  private readonly gfns: DenseGfns;
  private readonly words = new WordNames();
  private handles: (number | undefined)[] = [];
  /**
   * File behind the last mapping that was made of each handle; it stays when that is closed.
   * The model's host has one page table for a file: what it finds through one of its mappings
   * it finds through each, as the filemap has the page in either case.
   */
  private readonly mappings: (number | undefined)[] = [];
  private readonly flags: GmemFlags[] = [];
  private ran = false;
  private codeFaults = 0;
  private files = 0;
  private pages = 1;
  private slots = 1;

  constructor(
    private readonly sequence: Sequence,
    private readonly supports: Asked,
  ) {
    const { lines } = sequence;
    const ranges = lines.flatMap(({ op }) => touches(op, supports));
    if (lines.length > LIMITS.operations)
      this.tooLarge(lines[LIMITS.operations]!, `${LIMITS.operations} operations`);
    try {
      this.gfns = new DenseGfns(ranges, LIMITS.gfns);
    } catch {
      this.tooLarge(lines[0]!, `${LIMITS.gfns} guest frames touched`);
    }
  }

  plan(line: Line): Planned {
    const { op } = line;
    const refused = this.isBadDescriptor(line) ? -EBADF : refusal(op, this.supports);
    const call = refused === 0 ? this.call(line, op) : undefined;
    const ran = this.isCodeMapped(op);
    if (ran && !this.ran) this.codeFaults++;
    this.ran = ran;
    return { line, call, refused, handles: this.handles, ran, codeFaults: this.codeFaults };
  }

  finish(operations: readonly Planned[]): Pick<Plan, 'scenario' | 'gfns' | 'words'> {
    const { files, pages, slots, gfns, words, flags } = this;
    const calls = operations.flatMap((o) => (o.call ? [o.call] : []));
    const scenario: Scenario = {
      memory: 'sw',
      gfns: Math.max(1, gfns.length),
      pages,
      files: Math.max(1, files),
      flags: 'none',
      lruBatch: false,
      slots,
      folios: pages * Math.max(1, files) + 1,
      // Exit reasons and counts of pages must fit a result, too.
      maxValue: Math.max(words.largest, UNTOUCHED, gfns.length),
      faults: 0,
      initial: {
        sizes: [],
        attributes: [],
        slots: [],
        pages: [],
        launched: true,
      },
      columns: [{ name: 'recorder', calls }],
      invariants: [],
      provenance: false,
      fileFlags: flags.some((f) => f !== 'none') ? flags : undefined,
      defaultVm: this.supports.defaultVm,
      vcpuStats: Math.max(1, calls.length),
    };
    return { scenario, gfns, words };
  }

  private call(line: Line, op: Recorded): Call {
    switch (op.op) {
      case 'create_gmem':
        return this.create(line, op);
      case 'close_gmem':
        return this.close(op);
      case 'set_region':
        return this.region(op);
      case 'fallocate':
        return {
          op: 'fallocate',
          file: this.file(op.g),
          mode: op.mode,
          offset: op.off / PAGE_SIZE,
          len: op.len / PAGE_SIZE,
        };
      case 'set_attr':
        return { op: 'KVM_SET_MEMORY_ATTRIBUTES', ...this.frames(op), attrs: op.attrs };
      case 'prefault':
        return {
          op: 'KVM_PRE_FAULT_MEMORY',
          vcpu: 0,
          ...this.frames(op),
          exitReason: UNTOUCHED,
        };
      case 'mmap_gmem':
        return { op: 'mmap', file: this.file(op.g) };
      case 'map_read':
        return { op: 'mmap_read', file: this.mapping(line.number, op.g), offset: op.page };
      case 'map_write':
        return {
          op: 'mmap_write',
          file: this.mapping(line.number, op.g),
          offset: op.page,
          value: this.words.of(op.val),
        };
      case 'guest_read':
        return { op: 'read', vcpu: 0, gfn: this.gfns.of(op.gpa), isPrivate: false };
      case 'guest_write':
        return {
          op: 'write',
          vcpu: 0,
          gfn: this.gfns.of(op.gpa),
          value: this.words.of(op.val),
          isPrivate: false,
        };
      case 'host_read':
        return { op: 'host_read', gfn: this.gfns.of(hostGpa(op)) };
      case 'host_write':
        return {
          op: 'host_write',
          gfn: this.gfns.of(hostGpa(op)),
          value: this.words.of(op.val),
        };
    }
  }

  /** Every file that is ever created is one of its own. */
  private create(line: Line, op: RecordedOf<'create_gmem'>): Call {
    const size = op.size / PAGE_SIZE;
    if (size > LIMITS.pages) this.tooLarge(line, `${LIMITS.pages} pages in a guest_memfd`);
    const file = this.files++;
    this.flags.push(this.supports.mmap ? flagsOf(op.flags) : 'none');
    if (file === LIMITS.files) this.tooLarge(line, `${LIMITS.files} files`);
    this.pages = Math.max(this.pages, size);
    this.handles = withHandle(this.handles, op.g, file);
    return { op: 'KVM_CREATE_GUEST_MEMFD', file, size };
  }

  private close(op: RecordedOf<'close_gmem'>): Call {
    const file = this.file(op.g);
    this.handles = withHandle(this.handles, op.g, undefined);
    return { op: 'close', file };
  }

  private region(op: RecordedOf<'set_region'>): Call {
    this.slots = Math.max(this.slots, op.slot);
    return {
      op: 'KVM_SET_USER_MEMORY_REGION2',
      slot: op.slot - 1,
      gfn: op.size === 0 ? 0 : this.gfns.of(op.gpa),
      npages: op.size / PAGE_SIZE,
      file: (op.flags & KVM_MEM_GUEST_MEMFD) === 0 ? undefined : this.file(op.g),
      pgoff: op.goff / PAGE_SIZE,
      flags: op.size === 0 ? 0 : op.flags & ~KVM_MEM_GUEST_MEMFD,
    };
  }

  private frames(range: GpaRange): { gfn: number; npages: number } {
    return { gfn: this.gfns.of(range.gpa), npages: range.size / PAGE_SIZE };
  }

  /** System calls on a descriptor look for it before anything else; ioctls name it late. */
  private isBadDescriptor({ number, op }: Line): boolean {
    if (op.op === 'map_read' || op.op === 'map_write') return this.mapping(number, op.g) < 0;
    if (!NAMES_HANDLE.includes(op.op) || !('g' in op)) return false;
    const file = this.file(op.g);
    if (op.op === 'mmap_gmem') {
      const isMapped = (this.flags[file] ?? 'none') !== 'none';
      if (isMapped && op.ret === 0) this.mappings[op.g] = file;
      else if (op.ret === 0) this.mappings[op.g] ??= -1;
    }
    return file < 0;
  }

  /** On a default VM a slot that goes takes all SPTEs along, until the guest runs again. */
  private isCodeMapped(op: Recorded): boolean {
    if (op.op === 'guest_read' || op.op === 'guest_write') return true;
    const isDeleted = op.op === 'set_region' && op.size === 0 && op.ret === 0;
    return this.ran && !(isDeleted && this.supports.defaultVm);
  }

  /** The file behind a handle, or -1, a descriptor that is not open. */
  private file(handle: number): number {
    return this.handles[handle] ?? -1;
  }

  /** The file behind a mapping that was recorded, or -1: the model had none to map. */
  private mapping(number: number, handle: number): number {
    const file = this.mappings[handle];
    if (file !== undefined) return file;
    throw new InputError(
      `${this.sequence.file}:${number}: expected a mapping of handle ${handle} (mmap_gmem) ` +
        `before it is accessed`,
    );
  }

  private tooLarge(line: Line, most: string): never {
    throw new InputError(
      `${this.sequence.file}:${line.number}: sequence ${this.sequence.seq} is too large: ` +
        `at most ${most}`,
    );
  }
}

function withHandle(
  handles: readonly (number | undefined)[],
  handle: number,
  file: number | undefined,
): (number | undefined)[] {
  const after = Array.from({ length: Math.max(handles.length, handle + 1) }, (_, i) => handles[i]);
  after[handle] = file;
  return after;
}
