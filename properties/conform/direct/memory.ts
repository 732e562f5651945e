import { GMEM, LOG_DIRTY, PAGE, PRIVATE, READONLY, type Args, type Version } from './arguments.js';

const [MMAP, INIT_SHARED] = [1, 2];

export interface File {
  readonly size: number;
  readonly flags: number;
  readonly pages: Map<number, number>;
  readonly slots: Set<Slot>;
  references: number;
}

export interface Slot {
  readonly base: number;
  readonly pages: number;
  readonly host: Map<number, number>;
  readonly pgoff: number;
  readonly gmemOnly: boolean;
  flags: number;
  file: File | undefined;
}

/** An MMIO SPTE of some generation, or a leaf: a page of a file, or of a slot's host memory. */
export type Spte =
  | { readonly mmio: number }
  | {
      readonly mmio?: never;
      readonly memory: Map<number, number>;
      readonly page: number;
      writable: boolean;
    };

/** Fields of a line, errno apart. */
export type Result = Record<string, unknown> & { errno?: string };

export const refused = (errno: string): Result => ({ errno });

/** Files, slots, attributes and host memory, and what of them vCPUs have mapped. */
export class DirectMemory {
  protected readonly handles: (File | undefined)[] = [undefined, undefined];
  protected readonly mapped: (File | undefined)[] = [];
  protected readonly slots = new Map<number, Slot>();
  protected readonly isPrivate = new Set<number>();
  protected readonly sptes = new Map<number, Spte>();
  protected readonly host = [1, 2].map(() => new Map<number, number>());
  protected generation = 0;
  protected code = false;
  /** 6.12: a pre-fault that finds its root obsolete never ends, so nobody has recorded one. */
  protected isObsolete = false;

  constructor(
    protected readonly kernel: Version,
    protected readonly isDefault: boolean,
  ) {}

  protected create({ g, size, flags }: Args): Result {
    const file = { size: size! / PAGE, flags: flags!, pages: new Map(), slots: new Set<Slot>() };
    this.handles[g!] = { ...file, references: 1 };
    return {};
  }

  protected put(file: File): void {
    if (--file.references > 0) return;
    for (const slot of file.slots) {
      this.zap(slot.base, slot.base + slot.pages);
      slot.file = undefined;
    }
  }

  /** An MMIO SPTE is not present: it stays. */
  protected zap(from: number, to: number): void {
    for (const [gfn, { mmio }] of this.sptes)
      if (from <= gfn && gfn < to && mmio === undefined) this.sptes.delete(gfn);
  }

  protected region({ slot: id, flags, gpa, size, g, goff }: Args): Result {
    const gmem = (flags! & GMEM) !== 0;
    const old = this.slots.get(id!);
    if (size === 0) return old ? this.remove(id!, old) : refused('EINVAL');
    const pages = size! / PAGE;
    if (old) {
      if (gmem || pages !== old.pages || (flags! ^ old.flags) & (READONLY | GMEM))
        return refused('EINVAL');
      if (flags !== old.flags) this.changeFlags(old, flags!);
      return {};
    }
    const file = gmem ? this.handles[g!] : undefined;
    const pgoff = gmem ? goff! / PAGE : 0;
    if (gmem && !file) return refused('EBADF');
    if (file && pgoff + pages > file.size) return refused('EINVAL');
    const isTaken = [...(file?.slots ?? [])].some(
      (s) => s.pgoff < pgoff + pages && pgoff < s.pgoff + s.pages,
    );
    if (isTaken) return refused(this.kernel === '6.12' ? 'EINVAL' : 'EEXIST');
    const gmemOnly = file !== undefined && (file.flags & MMAP) !== 0;
    const host = this.host[id! - 1]!;
    const slot = { base: gpa! / PAGE, pages, host, pgoff, gmemOnly, flags: flags!, file };
    file?.slots.add(slot);
    this.slots.set(id!, slot);
    this.generation++;
    return {};
  }

  protected remove(id: number, slot: Slot): Result {
    this.zap(slot.base, slot.base + slot.pages);
    if (this.isDefault) {
      this.sptes.clear();
      this.code = false;
      this.isObsolete = this.kernel === '6.12';
    }
    slot.file?.slots.delete(slot);
    this.slots.delete(id);
    this.generation++;
    return {};
  }

  /** The log begins with write protection. */
  protected changeFlags(slot: Slot, flags: number): void {
    slot.flags = flags;
    this.generation++;
    if (!(flags & LOG_DIRTY)) return;
    for (const [gfn, spte] of this.sptes)
      if (spte.mmio === undefined && this.slotOf(gfn) === slot) spte.writable = false;
  }

  protected slotOf(gfn: number): Slot | undefined {
    return [...this.slots.values()].find((s) => s.base <= gfn && gfn < s.base + s.pages);
  }

  protected fallocate(file: File, { mode, off, len }: Args): Result {
    const [from, to] = [off! / PAGE, (off! + len!) / PAGE];
    if (mode === 1) {
      if (to > file.size) return refused('EINVAL');
      for (let i = from; i < to; i++) file.pages.set(i, file.pages.get(i) ?? 0);
      return {};
    }
    for (const { base, pgoff, pages } of file.slots)
      this.zap(base + Math.max(from, pgoff) - pgoff, base + Math.min(to, pgoff + pages) - pgoff);
    for (const i of file.pages.keys()) if (from <= i && i < to) file.pages.delete(i);
    return {};
  }

  protected attributes({ gpa, size, attrs }: Args): Result {
    const gfns = Array.from({ length: size! / PAGE }, (_, i) => gpa! / PAGE + i);
    if (gfns.every((gfn) => this.isPrivate.has(gfn) === (attrs === PRIVATE))) return {};
    for (const gfn of gfns) {
      this.zap(gfn, gfn + 1);
      if (attrs === PRIVATE) this.isPrivate.add(gfn);
      else this.isPrivate.delete(gfn);
    }
    return {};
  }

  protected mmap({ g, len }: Args): Result {
    const file = this.handles[g!];
    if (!file) return refused('EBADF');
    if (len === 0) return refused('EINVAL');
    if (!(file.flags & MMAP)) return refused('ENODEV');
    file.references++;
    this.mapped[g!] = file;
    return {};
  }

  protected access(file: File, page: number, val: number | undefined): Result {
    if (!(file.flags & INIT_SHARED) || page >= file.size) return { signal: 7, si_code: 2 };
    file.pages.set(page, val ?? file.pages.get(page) ?? 0);
    return val === undefined ? { got: file.pages.get(page) } : {};
  }
}
