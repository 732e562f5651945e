import type { Kernel } from '../../models/kernel.js';
import { instead, type ModelledFunction } from '../../models/mutations/edit.js';
import type { Protocol } from '../../models/protocol.js';
import type { KernelFunction } from '../../models/source.js';
import type { Flow, Request, Returned } from '../core/flow.js';
import type { TraceStep } from '../core/trace.js';
import { withFunction } from './held-across.js';

/** A step that is made before the ones that it follows in the same function. */
export interface Swap {
  readonly fn: string;
  /** The label of the step, and of the first that it comes before. */
  readonly later: string;
  readonly earlier: string;
  /** What the steps from the first one on observed: where the step is to be found. */
  readonly seen: readonly number[];
}

/** Places that a step is moved by at most. */
const FARTHEST = 3;

export const swapText = ({ fn, later, earlier }: Swap): string =>
  `in ${fn}(), '${later}' before '${earlier}'`;

/** Each step before those of the same function that it follows, where a step that is wanted moves. */
export function swapsAround(steps: readonly TraceStep[], wanted: ReadonlySet<TraceStep>): Swap[] {
  const swaps = new Map<string, Swap>();
  for (const first of steps) {
    const own = steps.slice(first.index).filter((s) => s.actor === first.actor);
    for (let n = 1; n <= FARTHEST && n < own.length && isSameCall(own[n]!, first); n++) {
      const passed = own.slice(0, n);
      if (!wanted.has(own[n]!) && !passed.some((s) => wanted.has(s))) continue;
      const swap: Swap = {
        fn: first.frames.at(-1)?.name ?? '',
        earlier: first.label,
        later: own[n]!.label,
        seen: passed.map((s) => s.observed),
      };
      swaps.set(swapText(swap), swap);
    }
  }
  return [...swaps.values()];
}

const isSameCall = (a: TraceStep, b: TraceStep): boolean =>
  a.operation === b.operation &&
  a.frames.length > 1 &&
  a.frames.length === b.frames.length &&
  a.frames.every((f, i) => f.name === b.frames[i]!.name);

const is = (request: Request, label: string): boolean =>
  request.kind === 'step' && request.label === label;

/** A protocol in which the step is made first, whatever comes of those that it was behind. */
export function swapped(base: Protocol, { fn, later, earlier, seen }: Swap): Protocol {
  const inner = base.functions[fn] as unknown as ModelledFunction | undefined;
  if (!inner) return base;
  const changed = instead(inner, function* (...args): Flow<Returned> {
    const begin = (): Flow<Returned> => inner(...(args as unknown as [Kernel, ...never[]]));
    const flow = begin();
    const given: Returned[] = [];
    let done: { readonly value: Returned } | undefined;
    for (let next = flow.next(); ;) {
      if (next.done) return next.value;
      const request = next.value;
      let value: Returned;
      if (done && is(request, later)) {
        ({ value } = done);
        done = undefined;
      } else {
        const ahead = !done && is(request, earlier) ? lookAhead(begin(), [...given, ...seen]) : 0;
        if (ahead && is(ahead, later)) done = { value: yield ahead };
        value = yield request;
      }
      given.push(value);
      next = flow.next(value);
    }
  });
  return withFunction(base, fn, changed as unknown as KernelFunction);
}

/** What a function asks for once it was given so much. */
function lookAhead(flow: Flow<Returned>, given: readonly Returned[]): Request | undefined {
  let next = flow.next();
  for (const value of given) {
    // Nothing is behind what starts over.
    if (next.done || next.value.kind === 'again') return undefined;
    next = flow.next(value);
  }
  return next.done ? undefined : next.value;
}
