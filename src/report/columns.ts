import type { Event } from './events.js';
import { fit } from './fit.js';
import { cut } from './text.js';
import { WIDTH } from './wrap.js';

/** Tables in changelogs are indented, so that nobody rewraps them. */
export const MARGIN = 2;
const GAP = 2;
const NARROWEST = 20;
/** Per column of difference: even columns are nicer, lost arguments weigh more. */
const UNEVEN = 0.02;
/** What an indent of one is worse than an indent of two. */
const CRAMPED = 12;

/** Where the columns stand, and how deep one call is indented. */
export interface Layout {
  readonly actors: readonly number[];
  readonly widths: readonly number[];
  readonly unit: number;
  readonly cost: number;
  /** Every name is whole and stands in its own column. */
  readonly isTidy: boolean;
}

/** The layout that loses least. @param actors those that get a column. */
export function bestLayout(events: readonly Event[], actors: readonly number[]): Layout {
  const total = WIDTH - MARGIN - GAP * (actors.length - 1);
  const layouts = [2, 1].map((unit) => {
    const tables = actors.map((actor, i) =>
      costTable(
        events.filter((e) => e.actor === actor),
        unit,
        total,
        i < actors.length - 1,
      ),
    );
    return splits(total, actors.length)
      .map((widths) => judge(actors, widths, unit, tables))
      .reduce((a, b) => (b.cost < a.cost ? b : a));
  });
  return layouts[1]!.cost + CRAMPED < layouts[0]!.cost ? layouts[1]! : layouts[0]!;
}

interface Price {
  readonly cost: number;
  readonly isTidy: boolean;
}

/** What each width would cost one actor. */
function costTable(
  events: readonly Event[],
  unit: number,
  total: number,
  maySpill: boolean,
): Price[] {
  return Array.from({ length: total + 1 }, (_, width) => {
    if (width < NARROWEST) return { cost: Infinity, isTidy: false };
    const fitted = events.map((e) => fit(e, unit, width, maySpill ? total : width));
    return {
      cost: fitted.reduce((sum, f) => sum + f.cost, 0),
      isTidy: fitted.every((f) => f.isTidy),
    };
  });
}

function splits(total: number, parts: number): number[][] {
  if (parts === 1) return [[total]];
  const all: number[][] = [];
  for (let first = NARROWEST; first + (parts - 1) * NARROWEST <= total; first++)
    for (const rest of splits(total - first, parts - 1)) all.push([first, ...rest]);
  return all;
}

function judge(
  actors: readonly number[],
  widths: readonly number[],
  unit: number,
  tables: readonly (readonly Price[])[],
): Layout {
  const uneven = Math.max(...widths) - Math.min(...widths);
  const prices = widths.map((width, i) => tables[i]![width]!);
  const cost = prices.reduce((sum, p) => sum + p.cost, uneven * UNEVEN);
  return { actors, widths, unit, cost, isTidy: prices.every((p) => p.isTidy) };
}

/** Draws events side by side, under a header. */
export function drawColumns(
  events: readonly Event[],
  names: readonly string[],
  layout: Layout,
): string[] {
  const { actors, widths, unit } = layout;
  const starts = widths.map((_, i) =>
    widths.slice(0, i).reduce((at, width) => at + width + GAP, MARGIN),
  );
  const row = (texts: readonly string[]): string =>
    texts.reduce((line, text, i) => line.padEnd(starts[i]!) + text, '').trimEnd();
  const header = [
    row(actors.map((actor, i) => cut(names[actor]!, widths[i]!))),
    row(widths.map((width) => '-'.repeat(width))),
  ];
  const body = events.flatMap((event) => {
    const at = actors.indexOf(event.actor);
    const start = starts[at]!;
    const isLast = at === actors.length - 1;
    const { lines } = fit(event, unit, widths[at]!, isLast ? widths[at]! : WIDTH - start);
    return framed(
      event,
      lines.map((line) => (' '.repeat(start) + line).trimEnd()),
    );
  });
  return [...header, ...body];
}

/** What stands in the margin beside the steps of a loop. */
const LOOP = ':';

/** An event's lines with what stands before, beside and behind them. */
export function framed(event: Event, lines: readonly string[]): string[] {
  const marked = withMark(lines, event.mark);
  return [
    ...(event.before ?? []).map((note) => cut(' '.repeat(MARGIN) + note, WIDTH)),
    ...(event.isLooped ? marked.map((line) => LOOP + line.slice(LOOP.length)) : marked),
  ];
}

/** Puts a mark behind the last line where it fits, else below it. */
export function withMark(lines: readonly string[], mark: string): string[] {
  const last = lines.at(-1) ?? '';
  if (!mark) return [...lines];
  if (last.length + 2 + mark.length <= WIDTH) return [...lines.slice(0, -1), `${last}  ${mark}`];
  const indent = Math.min(last.search(/\S|$/), WIDTH - mark.length);
  return [...lines, cut(' '.repeat(Math.max(indent, 0)) + mark, WIDTH)];
}
