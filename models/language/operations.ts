import { InputError } from '../../src/core/index.js';
import type { OperationText, Value } from '../../src/litmus/ast.js';
import { at } from '../../src/litmus/parse.js';
import { nearest } from '../../src/nearest.js';
import type { Call } from '../operations.js';
import type { Own, OwnOperation } from '../variants/own.js';
import { vmOf } from './vms.js';
import {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  KVM_MEMORY_ATTRIBUTE_PRIVATE,
  KVM_MEM_READONLY,
  KVM_SET_MEMORY_ATTRIBUTES2_PRESERVE,
  KVM_SET_MEMORY_ATTRIBUTES2_ZERO,
} from '../uapi.js';

/** Sizes that ranges and words of a test must fit. */
export interface Limits {
  readonly gfns: number;
  readonly pages: number;
  readonly files: number;
  readonly slots: number;
}

/** How a call is written, for messages. */
const FORMS: Readonly<Record<string, string>> = {
  'run:': 'run: read GFN [shared], run: write GFN WORD [shared], or run: accept GFN [2M]',
  'mmap:': 'mmap: read PAGE, or mmap: write PAGE WORD',
  fallocate: 'fallocate(PUNCH_HOLE | ALLOCATE, [gmemN,] OFFSET, PAGES)',
  KVM_PRE_FAULT_MEMORY: 'KVM_PRE_FAULT_MEMORY(GFN, PAGES)',
  KVM_CHECK_EXTENSION: 'KVM_CHECK_EXTENSION(KVM_CAP_PRE_FAULT_MEMORY)',
  KVM_SET_MEMORY_ATTRIBUTES: 'KVM_SET_MEMORY_ATTRIBUTES(GFN, PAGES, 0 | PRIVATE)',
  KVM_SET_MEMORY_ATTRIBUTES2:
    'KVM_SET_MEMORY_ATTRIBUTES2([gmemN,] OFFSET, PAGES, 0 | PRIVATE [, ZERO | PRESERVE] [, RETRY])',
  pin_user_pages: 'pin_user_pages(PAGE)',
  mincore: 'mincore(PAGE)',
  KVM_SET_USER_MEMORY_REGION2:
    'KVM_SET_USER_MEMORY_REGION2(SLOT, GFN, PAGES [, READONLY] [, hvaN] [, gmemN, OFFSET]); 0 pages delete the slot',
  close: 'close(gmemN)',
  memory_failure: 'memory_failure([gmemN,] INDEX)',
  KVM_SEV_SNP_LAUNCH_UPDATE: 'KVM_SEV_SNP_LAUNCH_UPDATE(GFN, PAGES, WORD)',
  KVM_SEV_SNP_LAUNCH_FINISH: 'KVM_SEV_SNP_LAUNCH_FINISH()',
  KVM_TDX_INIT_VCPU: 'KVM_TDX_INIT_VCPU()',
  KVM_TDX_INIT_MEM_REGION: 'KVM_TDX_INIT_MEM_REGION(GFN, PAGES, WORD)',
  KVM_TDX_FINALIZE_VM: 'KVM_TDX_FINALIZE_VM()',
  munmap: 'munmap(GFN, PAGES)',
  madvise: 'madvise(MADV_DONTNEED, GFN, PAGES)',
  tgkill: 'tgkill(COLUMN)',
  after: 'after COLUMN:rN: wait until operation N of that column has returned',
  read: 'read GFN',
  write: 'write GFN WORD',
};

/** Gives an operation of a column its meaning. @throws InputError pointing at it. */
export function readCall(op: OperationText, column: string, file: string, own: Own): Call {
  const mine = Object.hasOwn(own.operations, op.name) ? own.operations[op.name] : undefined;
  if (mine) return ownCall(new Arguments(op, column, file, mine.form), op.name, mine);
  const form = Object.hasOwn(FORMS, op.name) ? FORMS[op.name] : undefined;
  if (!form) {
    const known = [...Object.keys(FORMS), ...Object.keys(own.operations)];
    throw new InputError(
      `${at(file, op.at)}: unknown operation '${op.name}'${nearest(op.name, known)}; ` +
        `expected one of ${known.join(', ')}`,
    );
  }
  const call = meaning(op, new Arguments(op, column, file, form));
  const vm = vmOf(column);
  return vm ? { ...call, vm } : call;
}

/** One that a variant brings along takes numbers. */
function ownCall(a: Arguments, name: string, { outcome = ['r'] }: OwnOperation): Call {
  const args: number[] = [];
  while (a.more) args.push(a.number());
  return a.end({ op: 'own', name, args, vcpu: a.isVcpu ? a.vcpu() : -1, outcome });
}

function meaning(op: OperationText, a: Arguments): Call {
  switch (op.name) {
    case 'run:':
      return guestAccess(a);
    case 'mmap:':
      return a.word(['read', 'write']) === 'read'
        ? a.end({ op: 'mmap_read', file: 0, offset: a.number() })
        : a.end({ op: 'mmap_write', file: 0, offset: a.number(), value: a.number() });
    case 'fallocate': {
      const mode =
        a.word(['PUNCH_HOLE', 'ALLOCATE']) === 'PUNCH_HOLE' ? PUNCH : FALLOC_FL_KEEP_SIZE;
      const file = a.isGmem ? a.gmem() : 0;
      return a.end({ op: 'fallocate', file, mode, offset: a.number(), len: a.number() });
    }
    case 'KVM_PRE_FAULT_MEMORY':
      return a.end({ op: op.name, vcpu: a.vcpu(), gfn: a.number(), npages: a.number() });
    case 'KVM_CHECK_EXTENSION':
      a.word(['KVM_CAP_PRE_FAULT_MEMORY']);
      return a.end({ op: op.name });
    case 'KVM_SET_MEMORY_ATTRIBUTES':
      return a.end({
        op: op.name,
        gfn: a.number(),
        npages: a.number(),
        attrs: a.word(['0', 'PRIVATE']) === '0' ? 0 : KVM_MEMORY_ATTRIBUTE_PRIVATE,
      });
    case 'KVM_SET_MEMORY_ATTRIBUTES2':
      return a.end({
        op: op.name,
        file: a.isGmem ? a.gmem() : 0,
        offset: a.number(),
        npages: a.number(),
        attrs: a.word(['0', 'PRIVATE']) === '0' ? 0 : KVM_MEMORY_ATTRIBUTE_PRIVATE,
        ...conversionWords(a),
      });
    case 'pin_user_pages':
    case 'mincore':
      return a.end({ op: op.name, file: 0, offset: a.number() });
    case 'KVM_SET_USER_MEMORY_REGION2':
      return a.end({
        op: op.name,
        slot: a.number(),
        gfn: a.number(),
        npages: a.number(),
        ...(a.isReadonly ? { flags: KVM_MEM_READONLY } : {}),
        ...(a.isHva ? { userspace_addr: a.hva() } : {}),
        file: a.more ? a.gmem() : undefined,
        pgoff: a.more ? a.number() : 0,
      });
    case 'memory_failure': {
      const file = a.isGmem ? a.gmem() : 0;
      return a.end({ op: op.name, file, index: a.number() });
    }
    case 'close':
      return a.end({ op: 'close', file: a.gmem() });
    case 'KVM_SEV_SNP_LAUNCH_UPDATE':
      return a.end({ op: op.name, gfn: a.number(), npages: a.number(), value: a.number() });
    case 'KVM_TDX_INIT_VCPU':
      return a.end({ op: op.name, vcpu: a.vcpu() });
    case 'KVM_TDX_INIT_MEM_REGION':
      return a.end({
        op: op.name,
        vcpu: a.vcpu(),
        gfn: a.number(),
        npages: a.number(),
        value: a.number(),
      });
    case 'madvise':
      a.word(['MADV_DONTNEED']);
      return a.end({ op: op.name, gfn: a.number(), npages: a.number() });
    case 'munmap':
      return a.end({ op: op.name, gfn: a.number(), npages: a.number() });
    case 'KVM_TDX_FINALIZE_VM':
      return a.end({ op: op.name });
    case 'tgkill':
      return a.end({ op: 'tgkill', column: a.any() });
    case 'after':
      return a.end({ op: 'after', column: a.any(), operation: a.outcome() });
    case 'read':
      return a.end({ op: 'host_read', gfn: a.number() });
    case 'write':
      return a.end({ op: 'host_write', gfn: a.number(), value: a.number() });
    default:
      return a.end({ op: 'KVM_SEV_SNP_LAUNCH_FINISH' });
  }
}

/** Largest argument that is read: far beyond any world that can be searched. */
const MAX_NUMBER = 1000;

/** A content mode, and whether user space tries again. */
function conversionWords(a: Arguments): { flags?: number; retries?: boolean } {
  if (!a.more) return {};
  const word = a.word(['ZERO', 'PRESERVE', 'RETRY']);
  if (word === 'RETRY') return { retries: true };
  const flags =
    word === 'ZERO' ? KVM_SET_MEMORY_ATTRIBUTES2_ZERO : KVM_SET_MEMORY_ATTRIBUTES2_PRESERVE;
  if (!a.more) return { flags };
  a.word(['RETRY']);
  return { flags, retries: true };
}

const PUNCH = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

function guestAccess(a: Arguments): Call {
  const vcpu = a.vcpu();
  const does = a.word(['read', 'write', 'accept']);
  if (does === 'accept') {
    const gfn = a.number();
    if (!a.more) return a.end({ op: 'accept', vcpu, gfn });
    a.word(['2M']);
    return a.end({ op: 'accept', vcpu, gfn, level: 2 });
  }
  if (does === 'read')
    return a.end({ op: 'read', vcpu, gfn: a.number(), isPrivate: !a.more || a.shared() });
  return a.end({
    op: 'write',
    vcpu,
    gfn: a.number(),
    value: a.number(),
    isPrivate: !a.more || a.shared(),
  });
}

/** Takes an operation's arguments one by one. */
class Arguments {
  private next = 0;
  constructor(
    private readonly op: OperationText,
    private readonly column: string,
    private readonly file: string,
    private readonly form: string,
  ) {}

  get more(): boolean {
    return this.next < this.op.args.length;
  }
  get isGmem(): boolean {
    return /^gmem\d$/.test(this.op.args[this.next]?.text ?? '');
  }
  /** The word `READONLY`, taken if it comes next. */
  get isReadonly(): boolean {
    const found = this.op.args[this.next]?.text === 'READONLY';
    if (found) this.next++;
    return found;
  }
  get isHva(): boolean {
    return /^hva\d{1,3}$/.test(this.op.args[this.next]?.text ?? '');
  }
  /** The page of the VMM's memory that `hvaN` names. */
  hva(): number {
    return Number(this.take().text.slice(3));
  }
  number(): number {
    const value = this.take();
    if (value.number === undefined || value.number < 0) this.refuse(value);
    if (value.number! > MAX_NUMBER)
      throw new InputError(
        `${at(this.file, value.at)}: expected a number from 0 to ${MAX_NUMBER}, got '${value.text}'`,
      );
    return value.number!;
  }
  word(words: readonly string[]): string {
    const value = this.take();
    if (!words.includes(value.text)) this.refuse(value);
    return value.text;
  }
  gmem(): number {
    if (!this.isGmem) this.refuse(this.take());
    return Number(this.take().text.slice(4));
  }
  any(): string {
    return this.take().text;
  }
  outcome(): number {
    const value = this.take();
    if (!/^r\d+$/.test(value.text)) this.refuse(value);
    return Number(value.text.slice(1));
  }
  /** The word `shared`; gives false, for isPrivate. */
  shared(): boolean {
    return this.word(['shared']) !== 'shared';
  }
  get isVcpu(): boolean {
    return /^(?:vm\d:)?vcpu\d$/.test(this.column);
  }
  vcpu(): number {
    const found = /^(?:vm\d:)?vcpu(\d)$/.exec(this.column);
    if (!found)
      throw new InputError(
        `${at(this.file, this.op.at)}: '${this.op.text}' runs on a vCPU: expected it in a column ` +
          `named vcpu0, vcpu1, ..., not '${this.column}'`,
      );
    return Number(found[1]);
  }
  end(call: Call): Call {
    if (this.more) this.refuse(this.take());
    return call;
  }
  private take(): Value {
    const value = this.op.args[this.next++];
    if (!value)
      throw new InputError(
        `${at(this.file, this.op.at)}: '${this.op.text}': expected ${this.form}`,
      );
    return value;
  }
  private refuse(value: Value): never {
    throw new InputError(
      `${at(this.file, value.at)}: '${value.text}' does not fit: expected ${this.form}`,
    );
  }
}

/** `after` must name an operation of another column, tgkill() a column. @throws InputError pointing at it. */
export function checkAfter(
  call: Call,
  op: OperationText,
  file: string,
  columns: readonly { readonly name: string; readonly calls: readonly Call[] }[],
): void {
  if (call.op === 'tgkill' && !columns.some((c) => c.name === call.column))
    throw new InputError(
      `${at(file, op.at)}: '${op.text}': no column '${call.column}'${nearest(
        call.column,
        columns.map((c) => c.name),
      )}`,
    );
  if (call.op !== 'after') return;
  const column = columns.find((c) => c.name === call.column);
  if (column?.calls[call.operation] && !column.calls.includes(call)) return;
  throw new InputError(
    `${at(file, op.at)}: '${op.text}': expected COLUMN:rN with an operation N of another column`,
  );
}

/** Ranges must lie where there is something. @throws InputError pointing at it. */
export function checkRange(call: Call, op: OperationText, file: string, limits: Limits): void {
  const past = (what: string, end: number, most: number): void => {
    if (end > most)
      throw new InputError(
        `${at(file, op.at)}: '${op.text}' reaches ${what} ${end - 1}, the last is ${most - 1}`,
      );
  };
  if ('gfn' in call) past('gfn', call.gfn + ('npages' in call ? call.npages : 1), limits.gfns);
  if ('userspace_addr' in call) past('hva', call.userspace_addr! + call.npages, limits.gfns);
  if ('index' in call) past('page', call.index + 1, limits.pages);
  if ('file' in call && call.file !== undefined) past('gmem', call.file + 1, limits.files);
  if ('slot' in call) past('slot', call.slot + 1, limits.slots);
}
