import type { Symmetry } from '../../src/core/symmetry.js';
import type { World } from '../../src/core/world.js';

/** Every order of the actors in which each takes the place of one that is like it. */
export function ordersOf(like: readonly string[]): number[][] {
  let partial: number[][] = [[]];
  for (const one of like)
    partial = partial.flatMap((order) =>
      like.flatMap((other, i) => (other === one && !order.includes(i) ? [[...order, i]] : [])),
    );
  return partial;
}

/** The actors of a tiny world exchanged: its cells are named by who they belong to. */
export function symmetryOf({ memory }: World, order: readonly number[]): Symmetry {
  const address = new Map(memory.info.map(({ name }, i) => [name, i]));
  const image = (name: string): string =>
    name
      .replace(
        /^(l\d+\.readers|seq\.snapshot|refs)\[(\d+)\]$/,
        (_, c, a) => `${c}[${order[Number(a)]}]`,
      )
      .replace(/^a(\d+):/, (_, a) => `a${order[Number(a)]}:`);
  const isOwner = memory.info.map(({ name }) => name.endsWith('.writer'));
  return {
    actors: order,
    cells: memory.info.map(({ name }) => address.get(image(name))!),
    value: (cell, value) => (isOwner[cell] && value > 0 ? order[value - 1]! + 1 : value),
    ranges: [],
    range: (first, end) => [first, end],
  };
}

export const isIdentity = (order: readonly number[]): boolean => order.every((a, i) => a === i);
