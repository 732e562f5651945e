import { framed, MARGIN } from './columns.js';
import type { Event } from './events.js';
import { fit } from './fit.js';
import { cut } from './text.js';
import { WIDTH } from './wrap.js';

const LONGEST_NAME = 16;

/**
 * Draws events below one another, each line led by its actor: for more actors
 * than there is room for side by side.
 */
export function drawList(events: readonly Event[], names: readonly string[]): string[] {
  const longest = Math.max(...events.map((e) => names[e.actor]!.length));
  const nameWidth = Math.min(longest, LONGEST_NAME);
  const width = WIDTH - MARGIN - nameWidth - 2;
  return events.flatMap((event) => {
    const name = cut(names[event.actor]!, nameWidth).padEnd(nameWidth + 2);
    const { lines } = fit(event, 2, width, width);
    return framed(
      event,
      lines.map((line) => (' '.repeat(MARGIN) + name + line).trimEnd()),
    );
  });
}
