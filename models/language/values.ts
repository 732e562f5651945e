import { PENDING } from '../../src/core/index.js';
import { errnoName } from '../../src/errno.js';
import type { Kernel } from '../kernel.js';
import type { Call } from '../operations.js';
import { NONE, STALE, type Shape } from '../state/shape.js';
import { SEPT_BLOCKED, SEPT_FREE, SEPT_MAPPED, SEPT_PENDING } from '../state/tdx.js';
import {
  KVM_EXIT_FAIL_ENTRY,
  KVM_EXIT_IO,
  KVM_EXIT_MEMORY_ERROR,
  KVM_EXIT_MEMORY_FAULT,
  KVM_EXIT_MEM_MAP_PRIVATE,
  KVM_EXIT_MEM_MAP_SHARED,
  KVM_EXIT_MMIO,
  KVM_EXIT_UNKNOWN,
  KVM_MEMORY_EXIT_FLAG_PRIVATE,
  SIGBUS,
} from '../uapi.js';
import { LOCKED } from './held.js';

/** What something may be compared with: anything else it never is. */
export interface Takes {
  readonly words: Readonly<Record<string, number>>;
  readonly has: (value: number) => boolean;
  /** Its numbers, for messages. */
  readonly numbers: string;
}

type Words = Takes['words'];

const range = (from: number, to: number, words: Words = {}): Takes => ({
  words,
  has: (v) => v >= from && v <= to,
  numbers: to - from === 1 ? `${from}, ${to}` : `${from} to ${to}`,
});

const oneOf = (numbers: readonly number[], words: Words = {}): Takes => ({
  words,
  has: (v) => numbers.includes(v),
  numbers: numbers.join(', '),
});

const flag: Takes = range(0, 1);
const anything: Takes = range(-32768, 32767);
const MAPPED = { host: 1, gmem: 2 };

const word = ({ maxValue }: Pick<Shape, 'maxValue'>): Takes => range(0, maxValue, { stale: STALE });
const lock = range(0, 2, LOCKED);
const writeLock = oneOf([0, LOCKED.write], { write: LOCKED.write });

/** What the observables take; the rest is 0 or 1. */
const OF_STATE: Readonly<Record<string, (shape: Shape) => Takes>> = {
  content: word,
  host: ({ maxValue }) => range(0, maxValue),
  rmp: () => range(0, 1, { shared: 0, assigned: 1 }),
  asid: () => range(0, 1, { none: NONE }),
  attr: () => range(0, 1, { shared: 0, private: 1 }),
  spte: () => range(0, 3, MAPPED),
  spte_nested: () => range(0, 3, MAPPED),
  spte_smm: () => range(0, 3, MAPPED),
  tlb: () => range(0, 2, MAPPED),
  lost: ({ actors, faults }) => range(0, actors + faults + 1),
  left: () => range(0, 2),
  mirror: () => oneOf([0, 2, 4], { gmem: 2 }),
  sept: () =>
    range(0, 4, {
      free: SEPT_FREE,
      pending: SEPT_PENDING,
      mapped: SEPT_MAPPED,
      blocked: SEPT_BLOCKED,
    }),
  level: () => range(0, 2),
  measured: () => range(0, 16),
  invalidate_lock: () => lock,
  mmu_lock: () => lock,
  slots_lock: () => writeLock,
  kvm_lock: () => writeLock,
  folio_lock: () => writeLock,
};

/** Of what a condition reads in the state. */
export const stateTakes = (name: string, { shape }: Kernel): Takes =>
  (Object.hasOwn(OF_STATE, name) ? OF_STATE[name]!(shape) : undefined) ?? flag;

const EXITS = {
  UNKNOWN: KVM_EXIT_UNKNOWN,
  IO: KVM_EXIT_IO,
  MMIO: KVM_EXIT_MMIO,
  FAIL_ENTRY: KVM_EXIT_FAIL_ENTRY,
  MEMORY_ERROR: KVM_EXIT_MEMORY_ERROR,
  MEMORY_FAULT: KVM_EXIT_MEMORY_FAULT,
};
const FLAGS = {
  PRIVATE: KVM_MEMORY_EXIT_FLAG_PRIVATE,
  MAP_SHARED: KVM_EXIT_MEM_MAP_SHARED,
  MAP_PRIVATE: KVM_EXIT_MEM_MAP_PRIVATE,
};

const isError = (value: number): boolean => errnoName(value) !== undefined;

/** What comes back as a return value: most give 0 or an error. */
function returned({ op }: Call): Takes {
  if (op === 'own') return anything;
  const most = op === 'KVM_CHECK_EXTENSION' ? 1 : 0;
  const mayTrap = op === 'mmap_read' || op === 'mmap_write';
  return {
    words: mayTrap ? { SIGBUS } : {},
    has: (v) => (v >= 0 && v <= most) || isError(v) || (mayTrap && v === SIGBUS),
    numbers: `0${most > 0 ? `, ${most}` : ''}, an error such as -EAGAIN`,
  };
}

/** Of a field of what an operation has given. */
export function outcomeTakes(field: string, call: Call, { shape }: Kernel): Takes {
  const takes = ofField(field, call, shape);
  return { ...takes, words: { ...takes.words, PENDING } };
}

function ofField(field: string, call: Call, shape: Shape): Takes {
  if (call.op === 'own' || field === 'r') return returned(call);
  if (field === 'exit') return { ...oneOf(Object.values(EXITS), EXITS), numbers: '' };
  if (field === 'flags') return oneOf([0, ...Object.values(FLAGS)], FLAGS);
  if (field === 'v') return call.op === 'mincore' ? flag : word(shape);
  return range(0, 'npages' in call ? call.npages : shape.pages);
}

/** `0 to 2, read or write` */
export function takesText({ words, numbers }: Takes): string {
  const all = [numbers, ...Object.keys(words)].filter(Boolean);
  return all.length > 1 ? `${all.slice(0, -1).join(', ')} or ${all.at(-1)}` : numbers;
}
