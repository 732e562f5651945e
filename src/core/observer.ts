import type { Advance, LocalNode, Stack } from './automaton.js';
import { InputError } from './errors.js';
import type { Memory } from './memory.js';

/** A call of a function by an actor, or, with a label, a step of it. */
export interface Watched {
  readonly actor: number;
  /** The function; undefined = any, for steps only. */
  readonly fn: string | undefined;
  /** What the label of the step begins with; undefined = the whole call. */
  readonly label: string | undefined;
  /** As it is written, for messages. */
  readonly text: string;
}

/** Each event before the next one begins; or the first within the last, a call. */
export interface Order {
  readonly kind: 'sequence' | 'during';
  readonly events: readonly Watched[];
}

/** Has it been seen to begin, to end? A step does both at once. */
interface Seen {
  readonly begins: boolean;
  readonly ends: boolean;
  /** A call: has it begun and not yet ended? The step that ends it is within. */
  readonly isOpen: boolean;
}

const NOT_SEEN: Seen = { begins: false, ends: false, isOpen: false };

/**
 * Watches the order of steps, for conditions that ask for it. How far each
 * order has come is a cell of memory, and so is which calls are under way: what
 * was seen is a part of the state, whoever searches. Steps that are watched
 * then have these cells in common, so that reductions keep their order.
 *
 * A call is from its first step to the one it returns by; what its function
 * calls is within. One that starts over (a retry loop) is still the same call.
 */
export class Observer {
  private readonly stages: readonly number[];
  /** Cell of each call that is watched, by its text. */
  private readonly open = new Map<string, number>();

  constructor(
    private readonly memory: Memory,
    readonly orders: readonly Order[],
  ) {
    this.stages = orders.map((order, i) =>
      memory.declare(`order${i}.stage`, 0, lastStage(order), 0),
    );
    for (const event of this.events)
      if (event.label === undefined && !this.open.has(event.text))
        this.open.set(event.text, memory.declare(`order.open(${event.text})`, 0, 1, 0));
  }

  get events(): readonly Watched[] {
    return this.orders.flatMap((o) => o.events);
  }

  /** Has the whole of an order been seen? */
  holds(order: number): boolean {
    return this.memory.load(this.stages[order]!) === lastStage(this.orders[order]!);
  }

  /** To be told of each step, while its effect is made. */
  took(node: LocalNode, { returned }: Pick<Advance, 'returned'>): void {
    const seen = new Map<string, Seen>();
    for (const event of this.events)
      if (event.actor === node.actor && !seen.has(event.text))
        seen.set(event.text, this.see(event, node.stack, returned));
    if (![...seen.values()].some((s) => s.begins || s.ends)) return;
    this.orders.forEach((order, i) => {
      const at = this.stages[i]!;
      const events = order.events.map(({ text }) => seen.get(text) ?? this.unmoved(text));
      if (!events.some((e) => e.begins || e.ends)) return;
      const stage = this.memory.load(at);
      const next =
        order.kind === 'sequence' ? nextInSequence(stage, events) : nextDuring(stage, events);
      if (next !== stage) this.memory.store(at, next);
    });
    for (const [text, { begins, ends }] of seen)
      if (begins !== ends && this.open.has(text))
        this.memory.store(this.open.get(text)!, begins ? 1 : 0);
  }

  private see(event: Watched, stack: Stack | undefined, returned: readonly string[]): Seen {
    const { label } = event;
    if (label !== undefined)
      return isStep(event, stack) ? { begins: true, ends: true, isOpen: false } : NOT_SEEN;
    const depth = framesOf(stack, event.fn!);
    if (depth === 0) return NOT_SEEN;
    if (depth > 1)
      throw new InputError(
        `${event.text}: ${event.fn}() calls itself, so that its order is not one`,
      );
    const begins = this.memory.load(this.open.get(event.text)!) === 0;
    return { begins, ends: returned.includes(event.fn!), isOpen: true };
  }

  /** What another actor does. */
  private unmoved(text: string): Seen {
    const cell = this.open.get(text);
    if (cell === undefined) return NOT_SEEN;
    return { begins: false, ends: false, isOpen: this.memory.load(cell) === 1 };
  }
}

/** Stages 2i and 2i+1 of a sequence: event i has not begun; it has, and not ended. */
const lastStage = ({ kind, events }: Order): number => (kind === 'during' ? 2 : 2 * events.length);

/** What begins must begin after what was before it has ended: in a later step. */
function nextInSequence(stage: number, events: readonly Seen[]): number {
  const event = events[stage >> 1];
  if (!event) return stage;
  const isUnderWay = stage % 2 === 1 || event.begins;
  if (!isUnderWay) return stage;
  return (stage | 1) + (event.ends ? 1 : 0);
}

/** Stage 1: the inner one began while the outer one was under way, and both go on. */
function nextDuring(stage: number, [inner, outer]: readonly Seen[]): number {
  if (stage === 2) return stage;
  const isWithin = stage === 1 || (inner!.begins && outer!.isOpen);
  if (!isWithin) return stage;
  if (inner!.ends) return 2;
  return outer!.ends ? 0 : 1;
}

/** Does the actor stand before a step that is watched, or within a call that is? */
export function matches({ fn, label }: Watched, stack: Stack | undefined): boolean {
  return label === undefined ? framesOf(stack, fn!) > 0 : isStep({ fn, label }, stack);
}

function framesOf(stack: Stack | undefined, fn: string): number {
  let count = 0;
  for (let at = stack; at; at = at.below) if (at.top.def.name === fn) count++;
  return count;
}

function isStep({ fn, label }: Pick<Watched, 'fn' | 'label'>, stack: Stack | undefined): boolean {
  if (!stack || (fn !== undefined && stack.top.def.name !== fn)) return false;
  const { pending } = stack.top;
  return pending.kind === 'step' && isLabelled(pending.label, label!);
}

/** Numbers that vary are N in listings. */
export const generalLabel = (label: string): string =>
  label.replace(/(?<=[[( .])\d+(?=[\]), .]|$)/g, 'N');

/** Does a label begin so? Words are not cut in two. */
export function isLabelled(label: string, beginning: string): boolean {
  return [label, generalLabel(label)].some((text) => {
    if (!text.startsWith(beginning)) return false;
    return !/\w$/.test(beginning) || !/^\w/.test(text.slice(beginning.length));
  });
}
