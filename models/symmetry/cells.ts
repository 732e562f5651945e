import type { Actor, Memory, Symmetry } from '../../src/core/index.js';
import { NONE, type Shape } from '../state/shape.js';
import { ACCEPTING } from '../state/tdx.js';
import type { Rename, Sort } from './rename.js';

/** What the numbers in the names of cells stand for, in their order. */
const INDICES: readonly (readonly [RegExp, readonly (Sort | 'folio' | 'same')[]])[] = [
  [/^vcpu(\d+)\.tlb(?:_private)?\[(\d+)\]$/, ['vcpu', 'page']],
  [/^vcpu(?:_tdx)?(\d+)\./, ['vcpu']],
  [/^kvm_tdx(\d+)\.(?:mirror|sept|sept_pfn|untracked|measured)\[(\d+)\]$/, ['same', 'page']],
  [/^kvm_tdx(\d+)\.early_state\[(\d+)\]$/, ['same', 'actor']],
  [/^folio(\d+)\.refcount\[(\d+)\]$/, ['folio', 'actor']],
  [/^(?:folio|rmp)(\d+)\./, ['folio']],
  [/^(?:kvm\.(?:mem_attr_array|sptes)|ghost\.spte_private)\[(\d+)\]$/, ['page']],
  [/^kvm\.goal_level\[(\d+)\]$/, ['actor']],
  [/^kvm\.(?:sptes_2m|lpage_mixed)\[(\d+)\]$/, ['same']],
  [/^task(\d+)\./, ['actor']],
  [/^host\[(\d+)\]$/, ['page']],
  [
    /^inode(\d+)\.(?:i_pages|host_ptes|attributes|attributes_before|counted|zapped|prepared)\[(\d+)\]$/,
    ['same', 'page'],
  ],
  [/^file(\d+)\.bindings\[(\d+)\]$/, ['same', 'page']],
  [/\.(?:readers|queued|awaited|snapshot|f_count)\[(\d+)\]$/, ['actor']],
  [
    /^ghost\.(?:open_begins|older_than_punch|hole_start|hole_end|has_destroyed)\[(\d+)\]$/,
    ['actor'],
  ],
  [/^ghost\.(?:added_late|left_in_hole|half_populated)\[(\d+)\]$/, ['folio']],
];

/** How the values of cells name things. */
type Value = (value: number, r: Names) => number;

const VALUES: readonly (readonly [RegExp, Value])[] = [
  [/\.(?:owner|writer)$/, (v, r) => r.actor(v - 1) + 1],
  [/^file\d+\.releaser$/, (v, r) => r.actor(v)],
  [/\.awaited\[\d+\]$/, (v, r) => r.actors(v)],
  [/^ghost\.(?:older_than_punch|added_late)\[\d+\]$/, (v, r) => r.actors(v)],
  [/^(?:folio\d+\.index|rmp\d+\.gfn)$/, (v, r) => r.page(v)],
  [/\.(?:i_pages|host_ptes)\[\d+\]$/, (v, r) => r.folio(v)],
  [/^kvm_tdx0\.(?:mirror|sept_pfn)\[\d+\]$/, (v, r) => r.folio(v)],
  [/^vcpu_tdx\d+\.violation$/, (v, r) => r.page(v)],
  [/^vcpu_tdx\d+\.in_module$/, (v, r) => (v < ACCEPTING ? v : ACCEPTING + r.page(v - ACCEPTING))],
  [/^kvm_tdx0\.page_add_src$/, (v, r) => r.value(v)],
  [/^(?:kvm\.sptes|vcpu\d+\.tlb)\[\d+\]$/, (v, r) => r.mapped(v)],
  [/^(?:folio\d+\.content|host\[\d+\])$/, (v, r) => r.value(v)],
];

/** Cells that hold a range of pages, first and end. */
const RANGES: readonly (readonly [string, string])[] = [
  ['kvm.mmu_invalidate_range_start', 'kvm.mmu_invalidate_range_end'],
];

/** What a renaming makes of every name in a world of this shape. */
class Names {
  constructor(
    private readonly rename: Rename,
    private readonly shape: Shape,
  ) {}

  index(sort: Sort | 'folio' | 'same', name: number): number {
    if (sort === 'same') return name;
    return sort === 'folio' ? this.folio(name) : this.rename.of(sort, name);
  }
  actor(name: number): number {
    return name < 0 ? name : this.rename.of('actor', name);
  }
  actors(mask: number): number {
    let image = 0;
    for (let a = 0; a < this.shape.actors; a++) if ((mask >> a) & 1) image |= 1 << this.actor(a);
    return image;
  }
  page(name: number): number {
    return name < 0 ? name : this.rename.of('page', name);
  }
  value(name: number): number {
    return name <= 0 ? name : this.rename.of('value', name);
  }
  /** Each page has a frame of its own; spare frames keep their names. */
  folio(name: number): number {
    const isOwn = !this.shape.reuse && name >= 0 && name < this.shape.pages;
    return isOwn && this.shape.files === 1 ? this.page(name) : name;
  }
  /** An SPTE: nothing, a folio, or the host page behind a gfn. */
  mapped(value: number): number {
    const { folios } = this.shape;
    return value < folios ? this.folio(value) : folios + this.page(value - folios);
  }
  /** A range becomes a range, or is none any more: then it stays, and the renaming fails. */
  range(first: number, end: number): readonly [number, number] {
    if (first === NONE) return [first, end];
    const images = Array.from({ length: end - first }, (_, i) => this.page(first + i));
    const least = Math.min(...images);
    return Math.max(...images) - least + 1 === images.length
      ? [least, least + images.length]
      : [first, end];
  }
}

/** A renaming of a scenario as one of its world's memory. */
export function symmetryOf(
  rename: Rename,
  shape: Shape,
  memory: Memory,
  actors: readonly Actor[],
): Symmetry {
  const names = new Names(rename, shape);
  const addressOf = new Map(memory.info.map(({ name }, address) => [name, address]));
  const outcomeOf = outcomeNames(actors, names);
  const image = (name: string): string => outcomeOf(name) ?? imageOfName(name, names);
  const values = memory.info.map(({ name }) => VALUES.find(([pattern]) => pattern.test(name))?.[1]);
  memory.info.forEach(({ name }, i) => {
    if (/:v\d+$/.test(name)) values[i] = (v, r) => r.value(v);
  });
  return {
    actors: actors.map((_, a) => names.actor(a)),
    cells: memory.info.map(({ name }) => addressOf.get(image(name))!),
    value: (cell, value) => values[cell]?.(value, names) ?? value,
    ranges: rename.isIdentity('page')
      ? []
      : RANGES.map(([first, end]) => [addressOf.get(first)!, addressOf.get(end)!] as const),
    range: (first, end) => names.range(first, end),
  };
}

function imageOfName(name: string, names: Names): string {
  const found = INDICES.find(([pattern]) => pattern.test(name));
  if (!found) return name;
  const [pattern, sorts] = found;
  return name.replace(pattern, (matched, ...groups: string[]) => {
    let n = 0;
    return matched.replace(/\d+/g, () => {
      const sort = sorts[n]!;
      return String(names.index(sort, Number(groups[n++])));
    });
  });
}

/** Outcome cells are named after their actor's column: `vcpu0:r0`. */
function outcomeNames(
  actors: readonly Actor[],
  names: Names,
): (name: string) => string | undefined {
  const numbers = new Map(actors.map(({ name }, a) => [name, a]));
  return (name) => {
    const colon = name.lastIndexOf(':');
    const actor = colon < 0 ? undefined : numbers.get(name.slice(0, colon));
    return actor === undefined
      ? undefined
      : `${actors[names.actor(actor)]!.name}${name.slice(colon)}`;
  };
}
