import { InputError } from '../../src/core/index.js';
import { nearest } from '../../src/nearest.js';
import type { Implementations } from '../functions.js';
import { protocol, type Protocol } from '../protocol.js';
import type { KernelFunction } from '../source.js';
import { checkDescription } from './described.js';
import type { Own } from './own.js';
import type { MemoryKind } from '../state/shape.js';

/** What the author of a series says of it. */
export interface Variant {
  /** What reports call it: one word, none of the known protocols. */
  readonly id: string;
  /** One line, as the cover letter's subject. */
  readonly title: string;
  /** Where the series is to be read. */
  readonly link?: string;
  /** Kinds of memory it can be asked of; unless given, its base's. */
  readonly kinds?: readonly MemoryKind[];
  /** Operations that user space no longer has. */
  readonly lacks?: readonly string[];
  /** Operations, invariants and cells of its own. */
  readonly own?: Partial<Own>;
  /** Functions that its base has not got. */
  readonly adds?: readonly string[];
  /** The functions that are another: new ones, or the base's with changed steps. */
  readonly functions: (base: Implementations) => Partial<Implementations>;
}

/**
 * A series as what it changes in the version that it applies to.
 *
 *     export default variant(protocolById('P9'), {
 *       id: 'punch-v2',
 *       title: 'KVM: guest_memfd: zap after truncation',
 *       link: 'https://lore.kernel.org/...',
 *       functions: (base) => ({
 *         kvm_gmem_punch_hole: later(base.kvm_gmem_punch_hole, 'kvm_gmem_invalidate_begin'),
 *       }),
 *     });
 *
 * @throws InputError where it changes nothing, or a function that its base has not got
 */
export function variant(base: Protocol, of: Variant): Protocol {
  const { functions: ofIt } = (base ?? {}) as Partial<Protocol>;
  if (typeof ofIt !== 'object')
    throw new InputError("variant(): expected what it starts from first, as protocolById('P9')");
  checkDescription(of);
  const functions: Partial<Implementations> = of.functions(ofBase(base, of)) ?? {};
  if (Object.keys(functions).length === 0 && !of.own)
    throw new InputError(`${of.id} changes no function of ${base.id}`);
  const wrong = mistakeIn(Object.entries(functions), base, of);
  if (wrong !== undefined) throw new InputError(wrong);
  return protocol(base, { ...of, functions });
}

/** The functions of the base; one that it has not got is a slip of the pen, not nothing. */
function ofBase(base: Protocol, { id }: Variant): Implementations {
  const get = (functions: object, name: string | symbol): unknown => {
    if (typeof name === 'string' && !(name in functions))
      throw new InputError(noSuch(id, base, name));
    return Reflect.get(functions, name);
  };
  return new Proxy(base.functions, { get }) as unknown as Implementations;
}

const noSuch = (id: string, base: Protocol, name: string): string =>
  `${id}: ${base.id} has no function '${name}'${nearest(name, Object.keys(base.functions))}`;

/** What is wrong with one of the functions; undefined = nothing. */
function mistakeIn(
  functions: readonly (readonly [string, KernelFunction | undefined])[],
  base: Protocol,
  { id, adds = [] }: Variant,
): string | undefined {
  const same = functions.filter(([name, fn]) => fn && fn === base.functions[name]);
  if (same.length > 0)
    return (
      `${id}: ${same[0]![0]}() is the same as in ${base.id}` +
      (same.length > 1 ? `, and ${same.length - 1} more: name only those that are another` : '')
    );
  for (const [name, fn] of functions) {
    if (!Object.hasOwn(base.functions, name) && !adds.includes(name))
      return `${noSuch(id, base, name)}; one that is new is to be named in 'adds'`;
    if (typeof fn !== 'function' || !fn.source)
      return `${id}: ${name} is no kernel function: make it with from(file, tree)`;
  }
  return undefined;
}
