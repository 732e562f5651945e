/** Things of one kind that a renaming may exchange. */
export type Sort = 'actor' | 'vcpu' | 'page' | 'value';

/**
 * A renaming, built up from pairs that must correspond. What no pair speaks of
 * keeps its name. A page is a gfn and the index that backs it: they go together.
 */
export class Rename {
  private readonly pairs: Record<Sort, Map<number, number>> = {
    actor: new Map(),
    vcpu: new Map(),
    page: new Map(),
    value: new Map(),
  };

  /** Lets `from` become `to`. False if it, or another, already becomes something else. */
  pair(sort: Sort, from: number, to: number): boolean {
    const known = this.pairs[sort];
    if (known.has(from)) return known.get(from) === to;
    if ([...known.values()].includes(to)) return false;
    known.set(from, to);
    return true;
  }

  /** Pages first .. first + length - 1 become as many others, in the same order. */
  pages(first: number, image: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (!this.pair('page', first + i, image + i)) return false;
    return true;
  }

  of(sort: Sort, name: number): number {
    return this.pairs[sort].get(name) ?? name;
  }

  /** Does every name become one that some other has given up? */
  get isPermutation(): boolean {
    return Object.values(this.pairs).every((known) =>
      [...known.values()].every((image) => known.has(image)),
    );
  }

  isIdentity(sort: Sort): boolean {
    return [...this.pairs[sort]].every(([from, to]) => from === to);
  }
}
