import {
  EngineError,
  InputError,
  PENDING,
  type Ledger,
  type Observer,
} from '../../src/core/index.js';
import type { Expression, Litmus, OrderText, Place, Value } from '../../src/litmus/ast.js';
import { at } from '../../src/litmus/parse.js';
import { nearest } from '../../src/nearest.js';
import type { Kernel } from '../kernel.js';
import { outcomeOf } from '../operations.js';
import type { AskedCondition, Scenario } from '../scenario.js';
import { isPrivateGfn } from '../state/attributes.js';
import { GUEST_MODE, ORDINARY, SMM, rootsOf } from '../state/roots.js';
import { folioOf, pagesIn } from '../state/folios.js';
import { mirrorOf, septOf } from '../state/leaves.js';
import { NONE, STALE } from '../state/shape.js';
import type { Folio, Kvm } from '../state/structs.js';
import { gfnOfVm } from '../state/vms.js';
import { FROZEN_SPTE, SEPT_BLOCKED, SEPT_FREE, SEPT_MAPPED, SEPT_PENDING } from '../state/tdx.js';
import {
  KVM_EXIT_FAIL_ENTRY,
  KVM_EXIT_IO,
  KVM_EXIT_MEMORY_ERROR,
  KVM_EXIT_MEMORY_FAULT,
  KVM_EXIT_MEM_MAP_PRIVATE,
  KVM_EXIT_MEM_MAP_SHARED,
  KVM_EXIT_MMIO,
  KVM_EXIT_UNKNOWN,
  SIGBUS,
} from '../uapi.js';
import { HELD, LOCKED } from './held.js';

/** Words that conditions may compare with. */
export const WORDS: Readonly<Record<string, number>> = {
  shared: 0,
  private: 1,
  assigned: 1,
  free: SEPT_FREE,
  pending: SEPT_PENDING,
  mapped: SEPT_MAPPED,
  blocked: SEPT_BLOCKED,
  gmem: 2,
  host: 1,
  ...LOCKED,
  stale: STALE,
  none: NONE,
  PENDING,
  UNKNOWN: KVM_EXIT_UNKNOWN,
  IO: KVM_EXIT_IO,
  MMIO: KVM_EXIT_MMIO,
  FAIL_ENTRY: KVM_EXIT_FAIL_ENTRY,
  MEMORY_ERROR: KVM_EXIT_MEMORY_ERROR,
  MEMORY_FAULT: KVM_EXIT_MEMORY_FAULT,
  MAP_SHARED: KVM_EXIT_MEM_MAP_SHARED,
  MAP_PRIVATE: KVM_EXIT_MEM_MAP_PRIVATE,
  PRIVATE: 8,
  SIGBUS,
};

/** What a condition may ask of the state, by index. */
export interface Observable {
  readonly count: (k: Kernel) => number;
  readonly read: (k: Kernel, index: number, kvm: Kvm) => number;
  /** Has every VM its own? */
  readonly ofVm?: true;
  readonly help: string;
}

const folioAt = (k: Kernel, index: number): number => k.inodes[0]!.i_pages.load(index);

/** Beside the filemap's, and the one that memory_failure() keeps on purpose. */
const lostReferences = (folio: Folio): number =>
  folio.refcount.shared - 1 - (folio.hwpoison.length > 0 && folio.hwpoison.load(0) ? 1 : 0);
const gfnsOfTd = (k: Kernel): number => (k.shape.memory === 'tdx' ? k.shape.gfns : 0);

/** What an SPTE maps. */
function backing(k: Kernel, pfn: number): number {
  if (pfn === NONE) return 0;
  if (pfn < 0) return 3;
  return pfn < k.shape.folios ? 2 : 1;
}

/** The observables of a kernel; pages are those of gmem 0. */
export const OBSERVABLES: Readonly<Record<string, Observable>> = {
  filemap: {
    count: (k) => k.shape.pages,
    read: (k, i) => (folioAt(k, i) === NONE ? 0 : 1),
    help: 'a folio is in the filemap at page i',
  },
  uptodate: {
    count: (k) => k.shape.pages,
    read: (k, i) => Number(folioAt(k, i) !== NONE && k.folios[folioOf(k, folioAt(k, i))]!.uptodate),
    help: 'that folio is uptodate',
  },
  content: {
    count: (k) => k.shape.pages,
    read: (k, i) => (folioAt(k, i) === NONE ? STALE : k.folios[folioAt(k, i)]!.content),
    help: 'the word at the start of page i',
  },
  rmp: {
    count: (k) => k.shape.pages,
    read: (k, i) => Number(folioAt(k, i) !== NONE && k.rmp[folioAt(k, i)]?.assigned === true),
    help: 'the RMP assigns the folio at page i to the guest',
  },
  asid: {
    count: (k) => (k.rmp[0]?.asid.length ? k.shape.pages : 0),
    read: (k, i) => (folioAt(k, i) === NONE ? NONE : k.rmp[folioAt(k, i)]!.asid.load(0)),
    help: 'whose ASID the RMP has for the folio at page i, where there are several VMs: 0, 1 or none',
  },
  attr: {
    count: (k) => k.shape.gfns,
    read: (k, i, kvm) => Number(isPrivateGfn(k, kvm, i)),
    ofVm: true,
    help: 'private or shared',
  },
  spte: {
    count: (k) => k.shape.gfns,
    ofVm: true,
    read: (k, i, { sptes }) => backing(k, sptes.load(ORDINARY * k.shape.gfns + i)),
    help: '0 = none, 1 = host page, 2 = guest_memfd page, 3 = MMIO',
  },
  spte_nested: {
    count: (k) => (rootsOf(k.shape) > GUEST_MODE ? k.shape.gfns : 0),
    read: (k, i) => backing(k, k.kvm.sptes.load(GUEST_MODE * k.shape.gfns + i)),
    help: 'the same in the root of vCPUs with a nested guest (role.guest_mode)',
  },
  spte_smm: {
    count: (k) => (rootsOf(k.shape) > SMM ? k.shape.gfns : 0),
    read: (k, i) => backing(k, k.kvm.sptes.load(SMM * k.shape.gfns + i)),
    help: 'the same in the root of vCPUs in SMM (role.smm)',
  },
  tlb: {
    count: (k) => (k.shape.tlb ? k.shape.gfns : 0),
    read: (k, i) => Math.max(...k.vcpus.map((vcpu) => backing(k, vcpu.tlb.load(i)))),
    help: "what a vCPU's TLB has of gfn i: 0 = nothing, 1 = host page, 2 = guest_memfd page",
  },
  lost: {
    count: (k) => k.shape.pages,
    read: (k, i) =>
      folioAt(k, i) === NONE ? 0 : lostReferences(k.folios[folioOf(k, folioAt(k, i))]!),
    help: 'references to the folio at page i that nobody will ever drop',
  },
  pte: {
    count: (k) => k.inodes[0]!.host_ptes.length,
    read: (k, i) => (k.inodes[0]!.host_ptes.load(i) === NONE ? 0 : 1),
    help: "the VMM's mapping has a PTE for page i",
  },
  left: {
    count: (k) => k.shape.pages,
    read: (k, i) => (folioAt(k, i) === NONE ? 0 : k.ghost.left_in_hole.load(folioAt(k, i))),
    help: 'page i was left in a hole by an older fault; 2 = and by the next punch as well',
  },
  mirror: {
    count: gfnsOfTd,
    read: (k, i) => {
      const pfn = mirrorOf(k, i);
      return pfn === FROZEN_SPTE ? 4 : pfn === NONE ? 0 : 2;
    },
    help: 'the mirror SPTE of gfn i: 0 = none, 2 = guest_memfd page, 4 = frozen',
  },
  sept: {
    count: gfnsOfTd,
    read: (k, i) => septOf(k, i).state,
    help: 'the S-EPT entry of gfn i: free, pending, mapped, 3 = blocked, 4 = blocked and pending',
  },
  level: {
    count: (k) => (k.shape.huge ? gfnsOfTd(k) : 0),
    read: (k, i) => (septOf(k, i).state === SEPT_FREE ? 0 : septOf(k, i).level),
    help: 'the leaf of the S-EPT that maps gfn i: 0 = none, 1 = 4K, 2 = 2M',
  },
  large: {
    count: (k) => (k.shape.huge ? k.shape.pages : 0),
    read: (k, i) =>
      Number(folioAt(k, i) !== NONE && pagesIn(k.folios[folioOf(k, folioAt(k, i))]!) > 1),
    help: 'page i belongs to a huge folio',
  },
  measured: {
    count: gfnsOfTd,
    read: (k, i) => k.kvm_tdx[0]!.measured.load(i),
    help: 'times that the page added at gfn i was measured',
  },
  dead: {
    count: (k) => k.kvm_tdx.length,
    read: (k, i) => Number(k.kvm_tdx[i]!.vm_dead),
    help: 'dead[0]: the TD is dead',
  },
  host: {
    count: (k) => k.shape.gfns,
    read: (k, i, kvm) => k.host.load(gfnOfVm(k, kvm, i)),
    ofVm: true,
    help: "the word in the host's own page behind gfn i",
  },
  ...HELD,
};

/** Compiles a condition. @throws InputError pointing at what it does not know. */
export function readCondition(
  litmus: Litmus,
  scenario: Scenario,
  file: string,
): AskedCondition | undefined {
  const { condition } = litmus;
  if (!condition) return undefined;
  return (k, ledger, observer) => {
    const names = new Names(k, ledger, scenario, file, observer);
    const holds = compile(condition.expression, names);
    return { quantifier: condition.quantifier, text: condition.text, holds };
  };
}

function compile(e: Expression, names: Names): () => boolean {
  if (e.kind === 'not') {
    const of = compile(e.of, names);
    return () => !of();
  }
  if (e.kind === 'compare') return comparison(e, names);
  if (e.kind === 'order') return names.order(e.order);
  const left = compile(e.left, names);
  const right = compile(e.right, names);
  return e.kind === 'and' ? () => left() && right() : () => left() || right();
}

function comparison(e: Extract<Expression, { kind: 'compare' }>, names: Names): () => boolean {
  const read = e.actor === undefined ? names.state(e.place) : names.outcome(e.actor, e.place);
  if (!e.relation) return () => read() !== 0;
  const value = names.value(e.value!);
  switch (e.relation) {
    case '=':
      return () => read() === value;
    case '!=':
      return () => read() !== value;
    case '<':
      return () => read() < value;
    case '>':
      return () => read() > value;
    case '<=':
      return () => read() <= value;
    case '>=':
      return () => read() >= value;
  }
}

/** What the names of a condition stand for in a world. */
export class Names {
  constructor(
    private readonly k: Kernel,
    private readonly ledger: Ledger,
    private readonly scenario: Scenario,
    private readonly file: string,
    private readonly observer: Observer | undefined,
  ) {}

  order(order: OrderText): () => boolean {
    const { observer } = this;
    const number = this.scenario.orders?.indexOf(order) ?? -1;
    if (!observer || number < 0) throw new EngineError('an order that nobody watches');
    return () => observer.holds(number);
  }

  state(place: Place): () => number {
    const observable = Object.hasOwn(OBSERVABLES, place.name) ? OBSERVABLES[place.name] : undefined;
    if (!observable) this.unknown(place, Object.keys(OBSERVABLES));
    const { index } = place;
    if (index === undefined || index >= observable!.count(this.k))
      throw new InputError(
        `${at(this.file, place.at)}: expected ${place.name}[i] with i from 0 to ${observable!.count(this.k) - 1}`,
      );
    const { vm = 0 } = place;
    if (!this.k.kvms[vm] || (vm > 0 && !observable!.ofVm))
      throw new InputError(
        `${at(this.file, place.at)}: no 'vm${vm}:${place.name}'; expected a VM of the test, and of ` +
          Object.keys(OBSERVABLES)
            .filter((name) => OBSERVABLES[name]!.ofVm)
            .join(', '),
      );
    return () => observable!.read(this.k, index, this.k.kvms[vm]!);
  }

  /** host:r0 is field r of the first operation of column host. */
  outcome(actor: string, place: Place): () => number {
    const column = this.scenario.columns.findIndex((c) => c.name === actor);
    if (column < 0)
      throw new InputError(
        `${at(this.file, place.at)}: no column '${actor}'${nearest(
          actor,
          this.scenario.columns.map((c) => c.name),
        )}`,
      );
    const known = this.scenario.columns[column]!.calls.flatMap((call, op) =>
      outcomeOf(call).map((field, n) => ({ name: `${field}${op}`, op, n })),
    );
    const found = known.find((o) => o.name === place.name);
    if (!found)
      this.unknown(
        place,
        known.map((o) => o.name),
      );
    return () => this.ledger.outcome(column, found!.op, found!.n);
  }

  value(value: Value): number {
    const word = Object.hasOwn(WORDS, value.text) ? WORDS[value.text] : undefined;
    const number = value.number ?? word;
    if (number === undefined)
      throw new InputError(
        `${at(this.file, value.at)}: expected a number, an error such as -EAGAIN, or one of ` +
          `${Object.keys(WORDS).join(', ')}, got '${value.text}'`,
      );
    return number;
  }

  private unknown(place: Place, known: readonly string[]): never {
    throw new InputError(
      `${at(this.file, place.at)}: unknown '${place.name}'${nearest(place.name, known)}; ` +
        `expected one of ${known.join(', ')}`,
    );
  }
}
