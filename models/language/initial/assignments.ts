import { InputError } from '../../../src/core/index.js';
import type { Assignment, Litmus, Place, Value } from '../../../src/litmus/ast.js';
import { at } from '../../../src/litmus/parse.js';
import { nearest } from '../../../src/nearest.js';

/** What can be given a value in the braces of a litmus file. */
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

/** The assignments in the braces of a litmus file. */
export class Assignments {
  constructor(
    private readonly litmus: Litmus,
    readonly file: string,
  ) {
    const given = new Set<string>();
    for (const { place } of litmus.initial) {
      const { vm = 0, name, index = '' } = place;
      const key = `${vm} ${name} ${index}`;
      if (index !== '' && given.has(key))
        throw new InputError(`${at(file, place.at)}: ${name}[${index}] is given twice`);
      given.add(key);
      if (!NAMES.includes(place.name))
        throw new InputError(
          `${at(file, place.at)}: unknown '${place.name}' in the initial state` +
            `${nearest(place.name, NAMES)}; expected one of ${NAMES.join(', ')}`,
        );
    }
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

  /** @throws InputError unless `value` is a multiple of `unit`. */
  multiple(name: string, value: number, unit: number): void {
    if (value % unit === 0) return;
    const given = this.single(name) ?? this.single('huge')!;
    this.expected(given, `${name} that ${unit} divides`);
  }

  optional<W extends string>(name: string, words: readonly W[]): W | undefined {
    return this.single(name) && this.word(name, words, words[0]!);
  }

  named(name: string): Assignment[] {
    return this.litmus.initial.filter((a) => a.place.name === name);
  }

  single(name: string): Value | undefined {
    const [found, second] = this.named(name);
    if (second) throw new InputError(`${at(this.file, second.place.at)}: ${name} is given twice`);
    return found?.values[0];
  }

  index(place: Place, count: number): number {
    if (place.index === undefined || place.index >= count)
      throw new InputError(
        `${at(this.file, place.at)}: expected ${place.name}[i] with i from 0 to ${count - 1}`,
      );
    return place.index;
  }

  expected(value: Value, what: string): never {
    throw new InputError(`${at(this.file, value.at)}: expected ${what}, got '${value.text}'`);
  }
}
