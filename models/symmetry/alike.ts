import type { Memory } from '../../src/core/index.js';
import type { Shape } from '../state/shape.js';

/** Page frames that no page owns: one cell of each of them, field by field. */
export function spareFrames(memory: Memory, { files, pages, reuse, huge }: Shape): number[][] {
  // Those of a huge page are its first and its others, and stay together.
  if (huge) return [];
  // The only page's own frame is like the spare ones: all of them are for that page.
  const owned = reuse || files * pages === 1 ? 0 : files * pages;
  const fields = new Map<string, number[]>();
  memory.info.forEach(({ name }, address) => {
    const [, kind, frame, field] = /^(folio|rmp)(\d+)\.(.*)$/.exec(name) ?? [];
    if (Number(frame ?? -1) < owned) return;
    const key = `${kind}.${field}`;
    fields.set(key, [...(fields.get(key) ?? []), address]);
  });
  return [...fields.values()].filter((cells) => cells.length > 1);
}
