import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Components, hasCycle } from '../../src/explore/progress/components.js';
import { StateGraph } from '../../src/explore/progress/graph.js';
import { hashRow, StateTable } from '../../src/explore/states.js';
import { seedOf } from '../model/seed.js';

type Edges = readonly (readonly number[])[];

/** A graph of nothing but edges: whoever asks for a state gets none. */
function graphOf(edges: Edges): StateGraph {
  const first = new Uint32Array(edges.length + 1);
  edges.forEach((to, s) => (first[s + 1] = first[s]! + to.length));
  const target = Int32Array.from(edges.flat());
  return new StateGraph(undefined!, undefined!, first, target, new Uint8Array(target.length));
}

/** Who reaches whom by one or more edges within a set. */
function reach(edges: Edges, within: ReadonlySet<number>, from: number): Set<number> {
  const seen = new Set<number>();
  const stack = [from];
  for (let s; (s = stack.pop()) !== undefined;)
    for (const to of edges[s]!.filter((t) => within.has(t) && !seen.has(t))) {
      seen.add(to);
      stack.push(to);
    }
  return seen;
}

function naive(edges: Edges, members: readonly number[]): string[] {
  const within = new Set(members);
  const reached = new Map(members.map((s) => [s, reach(edges, within, s)]));
  const components = members
    .filter((s) => reached.get(s)!.has(s))
    .map((s) => members.filter((t) => reached.get(s)!.has(t) && reached.get(t)!.has(s)));
  return [...new Set(components.map((c) => c.toSorted((a, b) => a - b).join(' ')))].toSorted();
}

const graphs = fc.integer({ min: 1, max: 14 }).chain((n) =>
  fc.record({
    edges: fc.array(fc.array(fc.nat(n - 1), { maxLength: 3 }), { minLength: n, maxLength: n }),
    parts: fc.array(fc.uniqueArray(fc.nat(n - 1), { minLength: 1 }), { maxLength: 4 }),
  }),
);

describe('strong components', () => {
  it('of any part of any graph are those who reach one another in it', () => {
    fc.assert(
      fc.property(graphs, ({ edges, parts }) => {
        const graph = graphOf(edges);
        const all = edges.map((_, s) => s);
        const components = new Components(graph);
        for (const part of [...parts, all]) {
          const members = Int32Array.from(part);
          const found: string[] = [];
          components.separate(members);
          components.visit(members, (c) => {
            found.push(c.toSorted().join(' '));
            components.separate(c);
          });
          expect(found.toSorted()).toEqual(naive(edges, part));
        }
        expect(hasCycle(graph)).toBe(naive(edges, all).length > 0);
      }),
      { numRuns: 1000, seed: seedOf(6) },
    );
  });

  it('are found however deep a graph is', () => {
    const n = 300_000;
    const edges = Array.from({ length: n }, (_, s) => [(s + 1) % n]);
    const graph = graphOf(edges);
    const members = Int32Array.from(edges, (_, s) => s);
    const components = new Components(graph);
    components.separate(members);
    const sizes: number[] = [];
    components.visit(members, (c) => void sizes.push(c.length));
    expect(sizes).toEqual([n]);
    expect(hasCycle(graph)).toBe(true);
  });
});

describe('the table of states', () => {
  it('finds what it has, and nothing else', () => {
    const row = fc.tuple(fc.nat(2), fc.nat(3), fc.nat(3)).map((r) => Int32Array.from(r));
    fc.assert(
      fc.property(fc.array(row), fc.array(row), (there, others) => {
        const table = new StateTable(3);
        const known = new Map<string, number>();
        for (const r of there) {
          const id = table.add(r, hashRow(r), -1);
          if (id >= 0) known.set(r.join(), id);
        }
        for (const r of [...there, ...others])
          expect(table.find(r, hashRow(r))).toBe(known.get(r.join()) ?? -1);
        expect(table.count).toBe(known.size);
      }),
      { seed: seedOf(2) },
    );
  });

  it('does not take a wide node for two narrow ones', () => {
    const table = new StateTable(3);
    const narrow = Int32Array.of(0, 5, 1);
    const wide = Int32Array.of(0, 0x10005, 0);
    table.add(narrow, hashRow(narrow), -1);
    expect(table.find(wide, hashRow(narrow))).toBe(-1);
    expect(table.find(narrow, hashRow(narrow))).toBe(0);
    table.add(wide, hashRow(wide), 0);
    expect(table.find(wide, hashRow(wide))).toBe(1);
    expect(table.find(narrow, hashRow(narrow))).toBe(0);
  });
});
