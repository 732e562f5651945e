import type { Event } from './events.js';
import { cut, shorter } from './text.js';

/** A text fitted into a width, and how much was lost to make it fit. */
export interface Fitted {
  readonly lines: readonly string[];
  readonly cost: number;
  /** Names are whole and stand in their own column. */
  readonly isTidy: boolean;
}

/** What each way of saving room costs; a few cuts weigh more than a whole column moved. */
const COST = { commentSpills: 0.5, textSpills: 3, wrapped: 5, cut: 40 };

/** Continuation lines stand deeper than a call would, as in C. */
const CONTINUED = '    ';

/**
 * Fits an event into `width` columns. Arguments go first; then the comment,
 * then the statement runs on into the neighbour's column, which is blank on
 * this line, up to `spill`; then it is wrapped; then it is cut.
 */
export function fit(event: Event, unit: number, width: number, spill: number): Fitted {
  const indent = ' '.repeat(Math.min(event.depth * unit, Math.max(width, spill) >> 1));
  const comment = event.remarks.length > 0 ? `/* ${event.remarks.join(', ')} */` : '';
  const texts = textsOf(event);
  const whole = (text: string): string => indent + [text, comment].filter(Boolean).join(' ');
  const alone = texts.findIndex((text) => text && indent.length + text.length <= width);
  const best = texts.at(alone)!;
  const isWithin = whole(best).length <= spill;
  const level = texts.findIndex((text) => whole(text).length <= width);
  if (level >= 0 && (level === alone || !isWithin)) return fitted([whole(texts[level]!)], level);
  if (isWithin)
    return alone < 0
      ? fitted([whole(best)], COST.textSpills, false)
      : fitted([whole(best)], COST.commentSpills + alone);
  const parts = [...(alone < 0 ? best.split(' ') : [best]), comment].filter(Boolean);
  const wrapped = wrapParts(parts, indent, width);
  if (wrapped.every((line) => line.length <= width)) return fitted(wrapped, COST.wrapped);
  return { lines: wrapped.map((line) => cut(line, width)), cost: COST.cut, isTidy: false };
}

/** Every event is tried at every width: what does not depend on it is kept. */
const known = new WeakMap<Event, readonly string[]>();

function textsOf(event: Event): readonly string[] {
  let texts = known.get(event);
  if (!texts) known.set(event, (texts = shorter(event.text)));
  return texts;
}

function fitted(lines: readonly string[], cost: number, isTidy = true): Fitted {
  return { lines, cost, isTidy };
}

function wrapParts(parts: readonly string[], indent: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + part.length <= width)
      lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(indent + (last === undefined ? '' : CONTINUED) + part);
  }
  return lines;
}
