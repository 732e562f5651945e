import { describe, expect, it } from 'vitest';
import { drawFastCheck, drawLive, drawWalks, type Watch } from '../../bench/schedules/draw.js';
import { subject, type Subject } from '../../bench/subject.js';
import { BLOCKED, Machine } from '../../src/core/machine.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { Walk } from '../../src/explore/sampling/walk.js';

const small = subject('fault-vs-punch', 'P3');

/** Every memory that is reachable, as text. */
function reachable(of: Subject): Set<string> {
  const machine = new Machine(of.build());
  expect(new ExhaustiveSearch(machine, { maxStates: 1e6 }).run().verdict).toBe('holds');
  const { memory } = machine.world;
  return new Set(
    Array.from({ length: machine.memories.count }, (_, id) => {
      machine.memories.restore(id);
      return memory.words.join();
    }),
  );
}

/** Memories that random walks of the interned machine pass through. */
function walked(of: Subject, runs: number): Set<string> {
  const machine = new Machine(of.build());
  const walk = new Walk(machine, 3, 20_000);
  const ids = new Set<number>();
  for (let i = 0; i < runs; i++) {
    walk.restart(i);
    ids.add(walk.memory);
    while (walk.runnable > 0) {
      walk.move(walk.running[walk.random.below(walk.runnable)]!);
      ids.add(walk.memory);
    }
  }
  expect(ids.has(BLOCKED)).toBe(false);
  return new Set(
    [...ids].map((id) => {
      machine.memories.restore(id);
      return machine.world.memory.words.join();
    }),
  );
}

function collector(): { seen: Set<string>; watch: Watch } {
  const seen = new Set<string>();
  return { seen, watch: (world) => void seen.add(world.memory.words.join()) };
}

describe('the sides of the benchmark', () => {
  it('pass through the same memories, all reachable, by equally many steps a schedule', async () => {
    const all = reachable(small);
    const [fast, idle, plain] = [collector(), collector(), collector()];
    const drawn = [
      await drawWalks(small, 1_000, 1),
      await drawFastCheck(small, 400, 1, 'waitAll', fast.watch),
      await drawFastCheck(small, 200, 1, 'waitIdle', idle.watch),
      await drawLive(small, 3_000, 1, plain.watch),
    ];
    const perSchedule = drawn.map(({ steps, schedules }) => steps / schedules);
    expect(Math.max(...perSchedule) / Math.min(...perSchedule)).toBeLessThan(1.05);
    for (const { seen } of [fast, idle, plain])
      expect([...seen].filter((m) => !all.has(m))).toEqual([]);
    // What random walks miss they miss on both sides, up to a few rare ones.
    const walks = walked(small, 3_000);
    const common = [...walks].filter((m) => plain.seen.has(m)).length;
    expect(common / Math.max(walks.size, plain.seen.size)).toBeGreaterThan(0.9);
    expect(fast.seen.size / walks.size).toBeGreaterThan(0.8);
  });

  it('all notice a broken invariant', async () => {
    const broken = subject('prep-4-page-left-in-hole', 'P3');
    await expect(drawWalks(broken, 2_000, 1)).rejects.toThrow(/broken/);
    await expect(drawLive(broken, 2_000, 1)).rejects.toThrow(/broken/);
    for (const waiting of ['waitAll', 'waitIdle'] as const)
      await expect(drawFastCheck(broken, 2_000, 1, waiting)).rejects.toThrow(/broken/);
  });
});
