import { addBits } from '../../core/footprint.js';
import { UNKNOWN, type FootprintTable } from '../../core/footprints.js';
import type { Correspondence } from './correspondence.js';

/**
 * Moves that read or change in one memory what does not correspond to what their
 * images read or change: code that stops at the first of several things. Such a
 * move counts as touching all that its images touch, under its own names. As
 * long as nobody changes what it counts as reading, neither it nor an image of
 * it does anything else.
 */
export class Irregular {
  /** Times that a property counts as reading more. */
  version = 0;
  /** By what a move counted as touching, before it counted as touching more. */
  private readonly outgrown: { readonly key: number; readonly id: number }[] = [];
  private readonly moves: boolean[] = [];
  private readonly properties = new Map<number, Int32Array>();
  /** By move and own footprint: all that it counts as touching, and the number of that. */
  private readonly wide = new Map<number, { readonly bits: Int32Array; id: number }>();
  private readonly links = new Map<string, Link>();

  constructor(
    private readonly footprints: FootprintTable,
    private readonly correspondences: readonly Correspondence[],
  ) {}

  has(move: number): boolean {
    return this.moves[move] === true;
  }

  add(move: number): void {
    this.moves[move] = true;
  }

  /** The number of what a move counts as touching where it touched this; or UNKNOWN. */
  footprintOf(move: number, footprint: number): number {
    return this.wide.get(keyOf(move, footprint))?.id ?? UNKNOWN;
  }

  /** A move and its image under a renaming, with what each has touched. */
  link(renaming: number, move: number, footprint: number, twin: number, image: number): void {
    const from = keyOf(move, footprint);
    const to = keyOf(twin, image);
    const name = `${renaming} ${from} ${to}`;
    if (this.links.has(name)) return;
    this.links.set(name, { renaming, from, to });
    for (const [key, id] of [[from, footprint] as const, [to, image] as const])
      if (!this.wide.has(key)) this.wide.set(key, { bits: this.footprints.at(id), id });
    this.widen();
  }

  /** Properties whose reads do not correspond count as reading all that they ever read. */
  hasProperty(property: number): boolean {
    return this.properties.has(property);
  }

  /** @param cells all that it has ever read. */
  addProperty(property: number, cells: Int32Array): void {
    const all = this.properties.get(property) ?? new Int32Array(cells.length);
    let isGrown = addBits(all, cells);
    for (const c of this.correspondences) isGrown = addBits(all, c.preimageOf(all)) || isGrown;
    if (isGrown) this.version++;
    this.properties.set(property, all);
  }

  cellsOf(property: number): Int32Array {
    return this.properties.get(property)!;
  }

  get propertyNumbers(): readonly number[] {
    return [...this.properties.keys()];
  }

  /** How often a move has come to count as touching more. */
  get growths(): number {
    return this.outgrown.length;
  }

  /** Of such a time: what the move counted as touching before, and does now. */
  growth(n: number): readonly [number, number] {
    const { key, id } = this.outgrown[n]!;
    return [id, this.wide.get(key)!.id];
  }

  private widen(): void {
    for (let grown = true; grown;) {
      grown = false;
      for (const { renaming, from, to } of this.links.values()) {
        const one = this.wide.get(from)!;
        const touched = this.correspondences[renaming]!.preimageOf(this.wide.get(to)!.bits);
        if (!addBits(one.bits, touched)) continue;
        this.outgrown.push({ key: from, id: one.id });
        one.id = this.footprints.internBits(one.bits);
        grown = true;
      }
    }
  }
}

interface Link {
  readonly renaming: number;
  readonly from: number;
  readonly to: number;
}

const keyOf = (move: number, footprint: number): number => move * 2 ** 26 + footprint;
