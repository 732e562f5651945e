import type { Trace, TraceFrame, TraceStep } from '../core/trace.js';
import type { World } from '../core/world.js';
import { momentsOf, type Moment } from './moments.js';
import { ascii } from './text.js';
import { remarksOn, resultText, type ValueNames } from './values.js';

/** One line of a diagram, before it is fitted into its column. */
export interface Event {
  readonly actor: number;
  /** Call depth: how far it is indented. */
  readonly depth: number;
  readonly text: string;
  /** What goes into a comment behind the text. */
  readonly remarks: readonly string[];
  /** Stands at the right of the text, and may stand below it. */
  readonly mark: string;
  /** Lines across all columns that stand before it. */
  readonly before?: readonly string[];
  /** Is it part of what is repeated for ever? */
  readonly isLooped?: boolean;
}

/** What events are made from. */
export interface EventInput {
  readonly trace: Trace;
  readonly world: World;
  /** Texts of each actor's operations, as the user wrote them. */
  readonly operations: readonly (readonly string[])[];
  readonly names: ValueNames;
  /** Mark of the last step, or empty. */
  readonly mark: string;
  /** Steps alone, without the calls that lead to them. */
  readonly isFlat: boolean;
  /** What stands before a step; keyed by the step's index. */
  readonly notes?: ReadonlyMap<number, readonly string[]>;
  /** Index of the first step of a loop that is marked as such. */
  readonly loopFrom?: number;
}

/** A reader who has to scroll back this far has lost the function he was in. */
const FAR = 24;

/** The trace as lines, in time order: operations, calls, steps, results. */
export function eventsOf(input: EventInput): Event[] {
  const events: Event[] = [];
  const seenAt = new Map<number, number>();
  const moments = momentsOf(input.trace);
  input.trace.steps.forEach((step, i) => {
    const moment = moments[i]!;
    const first = events.length;
    const away = events.length - (seenAt.get(step.actor) ?? events.length);
    if (moment.entered > 1 && away > FAR && !input.isFlat)
      events.push(reminder(step, moment.entered));
    events.push(...entries(input, step, moment.entered));
    events.push(stepEvent(input, step, moment, i === input.trace.steps.length - 1));
    events.push(...results(input, step));
    const before = input.notes?.get(i);
    if (before) events[first] = { ...events[first]!, before };
    if (i >= (input.loopFrom ?? Infinity))
      for (let e = first; e < events.length; e++) events[e] = { ...events[e]!, isLooped: true };
    seenAt.set(step.actor, events.length);
  });
  return events;
}

function event(actor: number, depth: number, text: string, more: Partial<Event> = {}): Event {
  return { actor, depth, text: ascii(text), remarks: [], mark: '', ...more };
}

function reminder(step: TraceStep, entered: number): Event {
  const inner = step.frames[entered - 1]!;
  return event(step.actor, entered, '', {
    remarks: [`in ${inner.name}()`],
  });
}

/** The operation's text and one line for each function entered before the step. */
function entries(input: EventInput, step: TraceStep, entered: number): Event[] {
  const { actor, operation, frames } = step;
  if (input.isFlat)
    return entered > 0 ? [] : [event(actor, 0, operationText(input, actor, operation, frames))];
  const first = Math.max(entered, 1);
  const last = isItsOwnFunction(step, entered) ? frames.length - 1 : frames.length;
  const calls = frames
    .slice(first, last)
    .map((frame, i) => event(actor, first + i, callText(frame)));
  if (entered > 0) return calls;
  return [event(actor, 0, operationText(input, actor, operation, frames)), ...calls];
}

/** A function's first step that is labelled as a call of it: one line says both. */
function isItsOwnFunction({ frames, label }: TraceStep, entered: number): boolean {
  const isJustCalled = frames.length > Math.max(entered, 1);
  const start = `${frames.at(-1)!.name}(`;
  return isJustCalled && label.startsWith(start) && label.indexOf(')') === label.length - 1;
}

function operationText(
  input: EventInput,
  actor: number,
  operation: number,
  frames: readonly TraceFrame[],
): string {
  const root = frames[0];
  const name = input.world.actors[actor]!.program[operation]!.name;
  return input.operations[actor]?.[operation] || (root ? callText(root) : `${name}()`);
}

function callText({ name, args }: TraceFrame): string {
  return name.includes('(') ? name : `${name}(${args.join(', ')})`;
}

function stepEvent(input: EventInput, step: TraceStep, moment: Moment, isLast: boolean): Event {
  const isMerged = !input.isFlat && isItsOwnFunction(step, moment.entered);
  // A label may carry a comment of its own: one comment a line is enough.
  const [, text, own] = /^(.*?)\s*(?:\/\*\s*(.*?)\s*\*\/)?$/s.exec(step.label)!;
  const remarks = [own ?? '', ...remarksOn(step, moment, input.names)];
  const depth = input.isFlat ? 1 : step.frames.length - (isMerged ? 1 : 0);
  return event(step.actor, depth, isMerged ? callText(step.frames.at(-1)!) : text!, {
    remarks: remarks.map(ascii).filter(Boolean),
    mark: isLast ? ascii(input.mark) : '',
  });
}

/** How operations ended with this step; one that took no step is named first. */
function results(input: EventInput, { actor, operation, completed }: TraceStep): Event[] {
  return completed.flatMap((done) => {
    const fields = input.world.actors[actor]!.outcomes[done.operation] ?? [];
    const text = resultText(actor, fields, done.values, input.names);
    const begun =
      done.operation === operation
        ? []
        : [event(actor, 0, operationText(input, actor, done.operation, []))];
    return text ? [...begun, event(actor, 0, text)] : begun;
  });
}
