import {
  attributeArguments,
  createArguments,
  fallocateArguments,
  preFaultArguments,
  regionArguments,
} from '../../models/arguments.js';
import { EBADF } from '../../models/errno.js';
import type { Call } from '../../models/operations.js';
import type { Scenario } from '../../models/scenario.js';
import { KVM_MEM_GUEST_MEMFD, UNTOUCHED } from '../../models/uapi.js';
import { InputError } from '../core/errors.js';
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
  /** File behind each handle after the operation, if the recording is right. */
  readonly handles: readonly (number | undefined)[];
  /** Has the guest run by now? */
  readonly ran: boolean;
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

/** The recorder's layout: slot s lies at s MiB, and so does its host area. */
const home = (slot: number): number => slot * 0x100000;

/** Puts a sequence into the model's terms. @throws InputError if it is too large. */
export function planSequence(sequence: Sequence): Plan {
  const planner = new Planner(sequence);
  const operations: Planned[] = [];
  let outside: Plan['outside'];
  for (const line of sequence.lines) {
    const why = outsideModel(line.op);
    if (why !== undefined) {
      outside = { line, why };
      break;
    }
    operations.push(planner.plan(line));
  }
  return { ...planner.finish(operations), sequence, operations, outside };
}

/** What the recorder can do and the model cannot. */
function outsideModel(op: Recorded): string | undefined {
  if ((op.op === 'guest_read' || op.op === 'guest_write') && op.gpa % PAGE_SIZE !== 0)
    return 'an access that is not at the start of a page';
  if (op.op !== 'set_region' || regionArguments(op.flags, op.gpa, op.size, op.goff) !== 0)
    return undefined;
  if ((op.flags & ~KVM_MEM_GUEST_MEMFD) !== 0 && op.size !== 0)
    return `a slot with flags ${op.flags}`;
  return op.gpa === home(op.slot) || op.size === 0
    ? undefined
    : `slot ${op.slot} somewhere else than at gpa 0x${home(op.slot).toString(16)}`;
}

class Planner {
  private readonly gfns: DenseGfns;
  private readonly words = new WordNames();
  private handles: (number | undefined)[] = [];
  private ran = false;
  private files = 0;
  private pages = 1;
  private slots = 1;

  constructor(private readonly sequence: Sequence) {
    const { lines } = sequence;
    const ranges = lines.flatMap(({ op }) => touches(op));
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
    const refused = this.isBadDescriptor(op) ? -EBADF : refusal(op);
    const call = refused === 0 ? this.call(line, op) : undefined;
    this.ran ||= op.op === 'guest_read' || op.op === 'guest_write';
    return { line, call, refused, handles: this.handles, ran: this.ran };
  }

  finish(operations: readonly Planned[]): Pick<Plan, 'scenario' | 'gfns' | 'words'> {
    const { files, pages, slots, gfns, words } = this;
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
    if (file === LIMITS.files) this.tooLarge(line, `${LIMITS.files} files`);
    this.pages = Math.max(this.pages, size);
    if (op.ret === 0) this.handles = withHandle(this.handles, op.g, file);
    return { op: 'KVM_CREATE_GUEST_MEMFD', file, size };
  }

  private close(op: RecordedOf<'close_gmem'>): Call {
    const file = this.file(op.g);
    if (op.ret === 0) this.handles = withHandle(this.handles, op.g, undefined);
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
    };
  }

  private frames(range: GpaRange): { gfn: number; npages: number } {
    return { gfn: this.gfns.of(range.gpa), npages: range.size / PAGE_SIZE };
  }

  /** System calls on a descriptor look for it before anything else; ioctls name it late. */
  private isBadDescriptor(op: Recorded): boolean {
    return (op.op === 'close_gmem' || op.op === 'fallocate') && this.file(op.g) < 0;
  }

  /** The file behind a handle, or -1, a descriptor that is not open. */
  private file(handle: number): number {
    return this.handles[handle] ?? -1;
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

/** Guest memory that an operation names, if its arguments are accepted. */
function touches(op: Recorded): GpaRange[] {
  if (refusal(op) !== 0) return [];
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
const hostGpa = (op: RecordedOf<'host_read' | 'host_write'>): number =>
  home(op.slot) + op.page * PAGE_SIZE;

/** What the kernel says to the arguments alone. */
function refusal(op: Recorded): number {
  switch (op.op) {
    case 'create_gmem':
      return createArguments(op.size, op.flags);
    case 'set_region':
      return regionArguments(op.flags, op.gpa, op.size, op.goff);
    case 'set_attr':
      return attributeArguments(op.gpa, op.size, op.attrs, op.flags);
    case 'prefault':
      return preFaultArguments(op.gpa, op.size, op.flags);
    case 'fallocate':
      return fallocateArguments(op.mode, op.off, op.len);
    default:
      return 0;
  }
}
