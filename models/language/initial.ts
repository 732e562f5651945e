import { InputError } from '../../src/core/index.js';
import { at } from '../../src/litmus/parse.js';
import type { Assignment, Litmus, Place, Value } from '../../src/litmus/ast.js';
import { nearest } from '../../src/nearest.js';
import type { Call } from '../operations.js';
import type { Initial, InitialPage, InitialSlot, Scenario } from '../scenario.js';
import type { Own } from '../variants/own.js';
import { isLinked, type Vms } from '../state/vms.js';
import { checkPrefixes, gmemsNamed, MOST_VMS, readFiles } from './vms.js';
import {
  BARRIERS,
  FAILING_SEAMCALLS,
  KNOWN_MEMORY,
  NONE,
  ZERO,
  type GmemFlags,
  type Huge,
  type VcpuMode,
} from '../state/shape.js';

/** Sizes and initial state, as far as a file gives them; the rest by default. */
export type World0 = Omit<Scenario, 'columns' | 'invariants' | 'provenance'>;

/** Sizes beyond these cannot be searched, and would not say more. */
const LIMITS = {
  pages: 16,
  hugePages: 1024,
  gfns: 32,
  files: 4,
  slots: 4,
  folios: 64,
  faults: 8,
} as const;

const FLAGS: readonly GmemFlags[] = ['none', 'MMAP', 'INIT_SHARED'];

const NAMES = [
  'memory',
  'flags',
  'lru',
  'pages',
  'gfns',
  'gmems',
  'vms',
  'gmem',
  'asid',
  'slots',
  'folios',
  'faults',
  'launch',
  'attr',
  'slot',
  'filemap',
  'rmp',
  'sept',
  'tlb',
  'without',
  'seamcall',
  'vcpu',
  'as',
  'paging',
  'rmpupdate',
  'psmash',
  'speculative',
  'readonly',
  'huge',
  'folio',
  'pamt',
  'source',
];

const MODES: readonly VcpuMode[] = ['smm', 'nested', 'nested_no_tdp'];

/** Reads the braces of a litmus file. @throws InputError pointing into it. */
export function readInitial(
  litmus: Litmus,
  file: string,
  calls: readonly Call[],
  own: Own,
): World0 {
  const reader = new Reader(litmus, file);
  const memory = reader.word('memory', [...KNOWN_MEMORY, ...own.kinds], 'sw');
  const flags = reader.word('flags', FLAGS, 'none');
  const lruBatch = reader.word('lru', ['drained', 'batched'], 'drained') === 'batched';
  const huge = reader.huge();
  const most = huge ? LIMITS.hugePages : LIMITS.pages;
  const pages = reader.count('pages', 1, most, huge?.folio ?? 1);
  if (huge) reader.multiple('pages', pages, huge.folio);
  const count = reader.count('vms', 1, MOST_VMS, 1);
  checkPrefixes(litmus, count, file);
  const files = reader.count('gmems', 1, LIMITS.files, gmemsNamed(litmus));
  const vms: Vms = {
    count,
    files: readFiles(litmus, files, count, file),
    sameAsid: reader.word('asid', ['own', 'same'], 'own') === 'same',
  };
  const gfns = reader.count('gfns', 1, huge ? most : LIMITS.gfns, pages);
  const slots = reader.count(
    'slots',
    1,
    LIMITS.slots,
    Math.min(LIMITS.slots, Math.max(reader.slotsNamed(), ...calls.map(slotUsed))),
  );
  const actors = litmus.columns.length;
  const spare = (actors + 1) * (huge?.folio ?? 1);
  const folios = reader.count('folios', 1, huge ? 8 * most : LIMITS.folios, pages * files + spare);
  if (huge) reader.multiple('folios', folios, huge.folio);
  const faults = reader.count('faults', 0, LIMITS.faults, 0);
  const values = calls.map((c) => ('value' in c ? c.value : 0));
  const placed = reader.readonlySlots(slots, reader.slots(slots, gfns, pages, vms));
  const initial: Initial = {
    sizes: Array.from({ length: files }, () => pages),
    attributes: reader.attributes(gfns, count),
    slots: placed,
    pages: reader.septs(
      gfns,
      vms,
      placed,
      reader.pages(pages, placed, memory === 'sw' ? undefined : huge),
      huge,
    ),
    launched: reader.word('launch', ['finished', 'started'], 'finished') === 'finished',
  };
  const contents = initial.pages.map((p) => p.content ?? 0);
  const maxValue = Math.max(1, ...values, ...contents);
  const tlb = reader.optional('tlb', ['explicit']) !== undefined;
  const without = reader.optional('without', BARRIERS);
  const rmpupdateFails = reader.optional('rmpupdate', ['fails']) !== undefined;
  const psmashFails = reader.optional('psmash', ['fails']) !== undefined;
  const speculative = reader.optional('speculative', ['yes']) !== undefined;
  const seamcallFails = reader.optional('seamcall', FAILING_SEAMCALLS);
  const dynamicPamt = reader.optional('pamt', ['dynamic']) !== undefined;
  const cowSource = reader.optional('source', ['cow']) !== undefined;
  const modes = reader.modes(calls);
  const smmSlots = reader.smmSlots(slots);
  const shadowPaging = reader.word('paging', ['tdp', 'shadow'], 'tdp') === 'shadow';
  const world = {
    memory,
    flags,
    lruBatch,
    gfns,
    pages,
    files,
    slots,
    folios,
    maxValue,
    faults,
    initial,
  };
  return {
    ...world,
    ...(tlb ? { tlb } : {}),
    ...(count > 1 || isLinked(vms) ? { vms } : {}),
    ...(without ? { without } : {}),
    ...(rmpupdateFails ? { rmpupdateFails } : {}),
    ...(psmashFails ? { psmashFails } : {}),
    ...(speculative ? { speculative } : {}),
    ...(seamcallFails ? { seamcallFails } : {}),
    ...(modes.some((m) => m) ? { modes } : {}),
    ...(smmSlots.length > 0 ? { smmSlots } : {}),
    ...(shadowPaging ? { shadowPaging } : {}),
    ...(huge ? { huge } : {}),
    ...(dynamicPamt ? { dynamicPamt } : {}),
    ...(cowSource ? { cowSource } : {}),
  };
}

function slotUsed(call: Call): number {
  return call.op === 'KVM_SET_USER_MEMORY_REGION2' ? call.slot + 1 : 1;
}

class Reader {
  constructor(
    private readonly litmus: Litmus,
    private readonly file: string,
  ) {
    for (const { place } of litmus.initial)
      if (!NAMES.includes(place.name))
        throw new InputError(
          `${at(file, place.at)}: unknown '${place.name}' in the initial state` +
            `${nearest(place.name, NAMES)}; expected one of ${NAMES.join(', ')}`,
        );
  }

  count(name: string, min: number, max: number, otherwise: number): number {
    const value = this.single(name);
    if (!value) return otherwise;
    if (value.number === undefined || value.number < min || value.number > max)
      this.expected(value, `${name} from ${min} to ${max}`);
    return value.number!;
  }

  word<W extends string>(name: string, words: readonly W[], otherwise: W): W {
    const value = this.single(name);
    if (!value) return otherwise;
    const found = words.find((w) => w === value.text);
    return found ?? this.expected(value, words.join(' or '));
  }

  /** huge=N: 4K pages under a 2M leaf; folio=M: 4K pages of a huge page of guest_memfd. */
  huge(): Huge | undefined {
    const leaf = this.count('huge', 2, 512, 0);
    const folio = this.count('folio', 2, 1024, leaf);
    if (leaf === 0) {
      const given = this.single('folio');
      return given ? this.expected(given, 'huge=N as well') : undefined;
    }
    this.multiple('folio', folio, leaf);
    return { leaf, folio };
  }

  /** @throws InputError unless `value` is a multiple of `unit`. */
  multiple(name: string, value: number, unit: number): void {
    if (value % unit === 0) return;
    const given = this.single(name) ?? this.single('huge')!;
    this.expected(given, `${name} that ${unit} divides`);
  }

  optional<W extends string>(name: string, words: readonly W[]): W | undefined {
    return this.single(name) && this.word(name, words, words[0]!);
  }

  attributes(gfns: number, vms: number): boolean[] {
    const all = Array.from({ length: vms * gfns }, () => false);
    for (const { place, values } of this.named('attr')) {
      const isPrivate = ['shared', 'private'].indexOf(values[0]!.text);
      if (isPrivate < 0) this.expected(values[0]!, 'private or shared');
      all[(place.vm ?? 0) * gfns + this.index(place, gfns)] = isPrivate === 1;
    }
    return all;
  }

  /** vcpu[i]=smm, nested or nested_no_tdp, of vCPUs that some column has. */
  modes(calls: readonly Call[]): (VcpuMode | undefined)[] {
    const vcpus = Math.max(1, ...calls.map((c) => ('vcpu' in c ? c.vcpu + 1 : 1)));
    const modes = Array.from({ length: vcpus }, (): VcpuMode | undefined => undefined);
    for (const { place, values } of this.named('vcpu'))
      modes[this.index(place, vcpus)] =
        MODES.find((m) => m === values[0]!.text) ?? this.expected(values[0]!, MODES.join(' or '));
    return modes;
  }

  /** readonly[s]=yes: KVM_MEM_READONLY, of slots that are there. */
  readonlySlots(count: number, placed: readonly InitialSlot[]): InitialSlot[] {
    const named = this.named('readonly').map(({ place, values }) => {
      if (values[0]!.text !== 'yes') this.expected(values[0]!, 'yes');
      const slot = this.index(place, count);
      if (placed.every((s) => s.slot !== slot))
        throw new InputError(`${at(this.file, place.at)}: there is no slot ${slot}`);
      return slot;
    });
    return placed.map((s) => (named.includes(s.slot) ? { ...s, readonly: true } : s));
  }

  /** as[s]=smm: the slot is in the address space of SMM. */
  smmSlots(slots: number): number[] {
    return this.named('as').map(({ place, values }) => {
      if (values[0]!.text !== 'smm') this.expected(values[0]!, 'smm');
      return this.index(place, slots);
    });
  }

  /** slot[s]=none, or (gfn, pages) or (gfn, pages, gmem, offset). */
  slots(count: number, gfns: number, pages: number, { files }: Vms): InitialSlot[] {
    const given = new Map<number, InitialSlot | undefined>();
    for (const { place, values } of this.named('slot')) {
      const slot = this.index(place, count);
      const { vm = 0 } = place;
      const [gfn, npages, file, pgoff = 0] = values.map((v) => v.number ?? NaN);
      const fits =
        gfn! >= 0 &&
        npages! >= 1 &&
        gfn! + npages! <= gfns &&
        (file === undefined || (files[file]?.vm === vm && pgoff >= 0 && pgoff + npages! <= pages));
      const none = values[0]!.text === 'none';
      if (!none && !fits)
        this.expected(
          values[0]!,
          `none, (gfn, pages) or (gfn, pages, gmem, offset) that fit ${gfns} gfns and ${pages} pages${this.ofVm(files, vm)}`,
        );
      const own = vm > 0 ? { vm } : {};
      given.set(slot, none ? undefined : { slot, ...own, gfn: gfn!, npages: npages!, file, pgoff });
    }
    if (!given.has(0))
      given.set(0, { slot: 0, gfn: 0, npages: Math.min(pages, gfns), file: 0, pgoff: 0 });
    return [...given.values()].filter((s) => s !== undefined).toSorted((a, b) => a.slot - b.slot);
  }

  /** Slots that VMs but the first are given, counted from the first one. */
  slotsNamed(): number {
    const others = this.named('slot').filter(({ place }) => place.vm !== undefined);
    return Math.max(1, ...others.map(({ place }) => (place.index ?? 0) + 1));
  }

  private ofVm(files: Vms['files'], vm: number): string {
    const own = files.flatMap((f, n) => (f.vm === vm ? [`gmem${n}`] : []));
    return files.some((f) => f.vm > 0) ? `; of vm${vm} is ${own.join(', ')}` : '';
  }

  /** filemap[i]=stale (allocated only) or a word; rmp[i]=assigned. In gmem 0. @param huge pages are there as a whole */
  pages(pages: number, slots: readonly InitialSlot[], huge?: Huge): InitialPage[] {
    const content = new Map<number, number | undefined>();
    for (const { place, values } of this.named('filemap')) {
      const [value] = values;
      if (value!.text !== 'stale' && !(value!.number !== undefined && value!.number >= ZERO))
        this.expected(value!, 'stale, or the word that the page holds');
      content.set(this.index(place, pages), value!.number);
    }
    if (huge) this.whole(new Set(content.keys()), huge);
    const gfnOf = (index: number): number | undefined => {
      const slot = slots.find(
        (x) => x.file === 0 && x.pgoff <= index && index < x.pgoff + x.npages,
      );
      return slot && slot.gfn + index - slot.pgoff;
    };
    const assigned = new Set<number>();
    for (const { place, values } of this.named('rmp')) {
      if (values[0]!.text !== 'assigned') this.expected(values[0]!, 'assigned');
      const index = this.index(place, pages);
      if (!content.has(index))
        throw new InputError(`${at(this.file, place.at)}: rmp[${index}] needs filemap[${index}]`);
      if (gfnOf(index) === undefined)
        throw new InputError(`${at(this.file, place.at)}: no slot maps page ${index} to a gfn`);
      assigned.add(index);
    }
    return [...content].map(([index, word]) => ({
      file: 0,
      index,
      content: word,
      assigned: assigned.has(index) ? gfnOf(index) : undefined,
    }));
  }

  /** Of a huge page all is there, or nothing. @throws InputError */
  private whole(pages: ReadonlySet<number>, { folio }: Huge): void {
    for (const index of pages) {
      const first = index - (index % folio);
      const missing = Array.from({ length: folio }, (_, i) => first + i).find((i) => !pages.has(i));
      if (missing !== undefined)
        throw new InputError(
          `${this.file}: a huge page is there as a whole: expected filemap[${missing}] ` +
            `as well as filemap[${index}]`,
        );
    }
  }

  /** sept[gfn]=pending or mapped, or (mapped, 2M): what of gmem 0's inode is there is mapped at that gfn. */
  septs(
    gfns: number,
    { files }: Vms,
    slots: readonly InitialSlot[],
    pages: readonly InitialPage[],
    huge?: Huge,
  ): readonly InitialPage[] {
    const mapped = new Map<number, NonNullable<InitialPage['sept']>>();
    for (const { place, values } of this.named('sept')) {
      const gfn = this.index(place, gfns);
      const accepted = ['pending', 'mapped'].indexOf(values[0]!.text);
      if (accepted < 0) this.expected(values[0]!, 'pending or mapped');
      const slot = slots.find(
        (s) => files[s.file ?? NONE]?.inode === 0 && s.gfn <= gfn && gfn < s.gfn + s.npages,
      );
      const index = slot ? gfn - slot.gfn + slot.pgoff : -1;
      if (!pages.some((p) => p.index === index && p.content !== undefined))
        throw new InputError(
          `${at(this.file, place.at)}: sept[${gfn}] needs a page of gmem0 there: filemap[${Math.max(index, 0)}]`,
        );
      const isHuge = values[1]?.text === '2M';
      if (values[1] && (!isHuge || !huge || gfn % huge.leaf !== 0 || index % huge.leaf !== 0))
        this.expected(values[1], 'at most 2M behind it, at the first gfn of a leaf');
      for (let i = 0; i < (isHuge ? huge!.leaf : 1); i++)
        mapped.set(index + i, {
          gfn: gfn + i,
          accepted: accepted === 1,
          ...(isHuge ? { huge: true } : {}),
        });
    }
    return pages.map((p) => (mapped.has(p.index) ? { ...p, sept: mapped.get(p.index)! } : p));
  }

  private named(name: string): Assignment[] {
    return this.litmus.initial.filter((a) => a.place.name === name);
  }

  private single(name: string): Value | undefined {
    const [found, second] = this.named(name);
    if (second) throw new InputError(`${at(this.file, second.place.at)}: ${name} is given twice`);
    return found?.values[0];
  }

  private index(place: Place, count: number): number {
    if (place.index === undefined || place.index >= count)
      throw new InputError(
        `${at(this.file, place.at)}: expected ${place.name}[i] with i from 0 to ${count - 1}`,
      );
    return place.index;
  }

  private expected(value: Value, what: string): never {
    throw new InputError(`${at(this.file, value.at)}: expected ${what}, got '${value.text}'`);
  }
}
