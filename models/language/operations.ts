import { InputError } from '../../src/core/index.js';
import type { OperationText } from '../../src/litmus/ast.js';
import { at } from '../../src/litmus/parse.js';
import { nearest } from '../../src/nearest.js';
import type { Call } from '../operations.js';
import type { Own, OwnOperation } from '../variants/own.js';
import { Arguments } from './call-arguments.js';
import { FORMS } from './call-forms.js';
import { vmOf } from './vms.js';
import {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  KVM_MEMORY_ATTRIBUTE_PRIVATE,
  KVM_MEM_READONLY,
  KVM_SET_MEMORY_ATTRIBUTES2_PRESERVE,
  KVM_SET_MEMORY_ATTRIBUTES2_ZERO,
} from '../uapi.js';

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
      return a.end({
        op: op.name,
        vcpu: a.vcpu(),
        gfn: a.number(),
        npages: a.number(),
        ...(a.more ? { isAlias: !a.shared() } : {}),
      });
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
    case 'brk':
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
