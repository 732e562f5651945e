import { needsWriter } from '../core/lockcycles.js';
import type { Acquisition, LockMode, Nesting } from '../core/lockorder.js';
import { ascii } from './text.js';
import { wrap } from './wrap.js';

/** A dependency with the test that a search came by it in. */
export interface SeenNesting extends Nesting {
  readonly test: string;
}

/** Nestings in order: each takes the lock that the next one holds. */
export type LockCycle = readonly SeenNesting[];

/** What a protocol's tests said of its lock order. */
export interface LockOrder {
  readonly protocol: string;
  readonly nestings: readonly SeenNesting[];
  readonly cycles: readonly LockCycle[];
}

const MODES: Readonly<Record<LockMode, string>> = {
  exclusive: '',
  shared: ' (shared)',
  recursive: ' (read side)',
  synchronize: ' (waits for its readers)',
};

/** The class as lockdep names it, and how it is taken where that matters. */
function lockText({ class: lockClass, mode }: Acquisition): string {
  return ascii(lockClass) + MODES[mode];
}

/** The cycle in one line: A -> B -> A. */
export function cycleText(cycle: LockCycle): string {
  const classes = cycle.map((n) => n.held.class);
  return [...classes, classes[0]!].map(ascii).join(' -> ');
}

/** Warnings in the manner of lockdep: each cycle with its chains. */
export function renderLockCycles({ protocol, cycles }: LockOrder): string[] {
  if (cycles.length === 0) return [];
  return [
    ...cycles.flatMap((cycle) => [...renderCycle(protocol, cycle), '']),
    ...wrap(
      'These go by classes of locks, as in lockdep: whether a schedule runs into one is for the ' +
        'verdicts to say.',
    ),
  ];
}

function renderCycle(protocol: string, cycle: LockCycle): string[] {
  const isAlone = cycle.length === 1;
  const kind = isAlone ? 'recursive locking' : 'circular locking dependency';
  return [
    ...wrap(`WARNING: possible ${kind} under ${protocol}:`),
    ...wrap(cycleText(cycle), '  ', '    '),
    ...cycle.flatMap((nesting, i) => chainLines(nesting, isAlone ? '' : `#${i + 1} `)),
    ...queuedWriter(cycle),
  ];
}

function chainLines({ held, taken, test }: SeenNesting, number: string): string[] {
  return [
    '',
    ...wrap(`${number}${held.stack[0] ?? ''}, in test ${test}`, '  ', '    '),
    ...acquisitionLines('holds', held),
    ...acquisitionLines('takes', taken),
  ];
}

function acquisitionLines(verb: string, a: Acquisition): string[] {
  const head = `     ${verb}  `;
  const rest = ' '.repeat(head.length + 2);
  return [
    ...wrap(`${lockText(a)}: ${ascii(a.label)}`, head, rest),
    ...wrap(callersText(a), rest.slice(2), rest),
  ];
}

/** The innermost function first, as ftrace writes callers. */
function callersText({ stack }: Acquisition): string {
  const functions = stack.slice(1).toReversed();
  if (functions.length === 0) return 'by the operation itself';
  return `by ${functions.map((f) => `${f}()`).join(' <- ')}`;
}

/** Two readers block each other only with the help of a third. */
function queuedWriter(cycle: LockCycle): string[] {
  const behindWriter = cycle.filter((n, i) =>
    needsWriter(n.taken, cycle[(i + 1) % cycle.length]!.held),
  );
  if (behindWriter.length === 0) return [];
  const classes = behindWriter.map((n) => n.taken.class).join(', ');
  return ['', ...wrap(`Readers of ${classes} wait for a writer that queues between them.`, '  ')];
}

/** Who nests in whom, outermost lock first, and by which functions. */
export function renderLockOrder(order: LockOrder): string[] {
  const lines: string[] = [];
  for (const [held, inner] of byPair(order.nestings)) {
    lines.push('', ...wrap(held, '', '  '));
    for (const [taken, functions] of inner) {
      lines.push(...wrap(`-> ${taken}`, '  ', '     '));
      for (const pair of functions) lines.push(...wrap(pair, '       ', '         '));
    }
  }
  lines.push('', ...(order.cycles.length > 0 ? renderLockCycles(order) : ['no cycle']));
  return lines;
}

/** Pairs of functions, by the lock that is taken, by the lock that is held. */
function byPair(nestings: readonly SeenNesting[]): Map<string, Map<string, Set<string>>> {
  const pairs = new Map<string, Map<string, Set<string>>>();
  for (const { held, taken } of outermostFirst(nestings)) {
    const inner = valueOf(pairs, lockText(held), () => new Map<string, Set<string>>());
    const functions = valueOf(inner, lockText(taken), () => new Set<string>());
    const [outer, last] = [functionText(held), functionText(taken)];
    functions.add(outer === last ? outer : `${outer}, then ${last}`);
  }
  return pairs;
}

/** The value of a key, made when it is first asked for. */
function valueOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

const functionText = ({ stack }: Acquisition): string =>
  stack.length > 1 ? `${stack.at(-1)!}()` : (stack[0] ?? '');

/** The lock that most others nest in, directly or not, comes first; then by name. */
function outermostFirst(nestings: readonly SeenNesting[]): SeenNesting[] {
  const inside = new Map<string, Set<string>>();
  for (const { held, taken } of nestings)
    valueOf(inside, held.class, () => new Set<string>()).add(taken.class);
  const depth = new Map([...inside.keys()].map((c) => [c, reached(c, inside).size]));
  const order = (a: Acquisition, b: Acquisition): number =>
    (depth.get(b.class) ?? 0) - (depth.get(a.class) ?? 0) ||
    compare(a.class, b.class) ||
    compare(a.mode, b.mode);
  return nestings.toSorted((a, b) => order(a.held, b.held) || order(a.taken, b.taken));
}

function reached(from: string, inside: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const all = new Set([from]);
  for (const lockClass of all) for (const inner of inside.get(lockClass) ?? []) all.add(inner);
  return all;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
