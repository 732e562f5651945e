import { EngineError } from './errors.js';
import type { Memory } from './memory.js';

/** A scalar field: becomes an accessor, `view.field` and `view.field = v`. */
export interface Cell<T> {
  readonly kind: 'cell';
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  decode(raw: number): T;
  encode(value: T): number;
}

/** A nested field: becomes a constant view with cells of its own. */
export interface Part<V> {
  readonly kind: 'part';
  place(memory: Memory, name: string): V;
}

export type Field = Cell<number> | Cell<boolean> | Part<unknown>;
export type Fields = Record<string, Field>;

/** Every view knows its memory, its name in reports and its first address. */
export class View {
  constructor(
    readonly $memory: Memory,
    readonly $name: string,
    readonly $base: number,
  ) {}
}

export type ViewOf<F extends Fields> = View & {
  -readonly [K in keyof F as F[K] extends Cell<infer _T> ? K : never]: F[K] extends Cell<infer T>
    ? T
    : never;
} & {
  readonly [K in keyof F as F[K] extends Part<infer _V> ? K : never]: F[K] extends Part<infer V>
    ? V
    : never;
};

const asIs = (n: number): number => n;

/** An integer cell with an inclusive range. */
export function int(min: number, max: number, initial = Math.max(min, 0)): Cell<number> {
  return { kind: 'cell', min, max, initial, decode: asIs, encode: asIs };
}

/** A boolean cell. */
export function bool(initial = false): Cell<boolean> {
  return {
    kind: 'cell',
    min: 0,
    max: 1,
    initial: initial ? 1 : 0,
    decode: (raw) => raw !== 0,
    encode: (value) => (value ? 1 : 0),
  };
}

/** A fixed table of integer cells, read and written like an xarray. */
export class Table extends View {
  constructor(
    memory: Memory,
    name: string,
    base: number,
    readonly length: number,
  ) {
    super(memory, name, base);
  }
  /** The value at index i. @throws EngineError when i is out of bounds. */
  load(i: number): number {
    return this.$memory.load(this.address(i));
  }
  /** Sets the value at index i. @throws EngineError when out of bounds. */
  store(i: number, value: number): void {
    this.$memory.store(this.address(i), value);
  }
  private address(i: number): number {
    if (!Number.isInteger(i) || i < 0 || i >= this.length)
      throw new EngineError(`${this.$name}[${i}]: index outside 0..${this.length - 1}`);
    return this.$base + i;
  }
}

/** A field that is a table of `length` cells of one kind. */
export function table(length: number, cell: Cell<number>): Part<Table> {
  return {
    kind: 'part',
    place(memory, name) {
      const base = memory.info.length;
      for (let i = 0; i < length; i++)
        memory.declare(`${name}[${i}]`, cell.min, cell.max, cell.initial);
      return new Table(memory, name, base, length);
    },
  };
}

/** A field that points at another struct for as long as the world lasts. */
export const pointer = <V>(to: V): Part<V> => ({ kind: 'part', place: () => to });

/** A struct type; usable as a nested field as well. */
export interface StructType<F extends Fields> extends Part<ViewOf<F>> {
  readonly fields: F;
}

/**
 * Declares a struct. Placing it lays its cells out in memory and returns a view
 * whose properties read and write them.
 */
export function struct<F extends Fields>(fields: F): StructType<F> {
  return {
    kind: 'part',
    fields,
    place(memory, name) {
      const base = memory.info.length;
      const view = new View(memory, name, base);
      for (const [key, field] of Object.entries(fields)) {
        if (field.kind === 'part') {
          const part = field.place(memory, `${name}.${key}`);
          Object.defineProperty(view, key, { value: part, enumerable: true });
        } else defineCell(view, key, field);
      }
      return Object.preventExtensions(view) as ViewOf<F>;
    },
  };
}

function defineCell(view: View, key: string, field: Cell<number> | Cell<boolean>): void {
  const memory = view.$memory;
  const address = memory.declare(`${view.$name}.${key}`, field.min, field.max, field.initial);
  const encode = field.encode as (value: unknown) => number;
  Object.defineProperty(view, key, {
    enumerable: true,
    get: () => field.decode(memory.load(address)),
    set: (value: unknown) => {
      memory.store(address, encode(value));
    },
  });
}

/** Places `count` structs in a row: folio0, folio1, ... */
export function structs<F extends Fields>(
  memory: Memory,
  name: string,
  count: number,
  type: StructType<F>,
): ViewOf<F>[] {
  return Array.from({ length: count }, (_, i) => type.place(memory, `${name}${i}`));
}
