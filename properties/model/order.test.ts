import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTest, type LitmusTest } from '../../models/language/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { buildWorld } from '../../models/world.js';
import { LiveRun } from '../../src/core/live.js';
import { Machine } from '../../src/core/machine.js';
import { isLabelled } from '../../src/core/observer.js';
import type { Decision } from '../../src/core/schedule.js';
import { traceOf, type Trace, type TraceStep } from '../../src/core/trace.js';
import { ContextBoundedSearch } from '../../src/explore/contexts.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { searchHashCompact } from '../../src/explore/hash-compact/search.js';
import { ReducedSearch } from '../../src/explore/reduced-search.js';
import { ALL, NONE } from '../../src/explore/reductions/options.js';
import { effort } from '../effort.js';
import { enough, SEED } from './seed.js';

const BOUNDS = { maxStates: 200_000 };
const PROTOCOL = protocolById('6.12');

function asking(condition: string, rows = ' run: write 0 1 | fallocate(PUNCH_HOLE, 0, 1) ;') {
  const text = `gmem order "order" { memory=snp; attr[0]=private; }\n vcpu0 | host ;\n${rows}\n${condition}`;
  return readTest(text, 'order');
}

function machineOf(test: LitmusTest): Machine {
  const scenario = { ...test.scenario, invariants: [] };
  return new Machine(buildWorld(scenario, PROTOCOL, [], test.condition).world);
}

/** Functions and steps of each column, as listings have them. */
const CALLS = {
  vcpu0: ['kvm_faultin_pfn', 'kvm_gmem_get_folio', 'is_page_fault_stale', 'kvm_gmem_get_pfn'],
  host: ['kvm_gmem_invalidate_begin', 'truncate_inode_pages_range', 'kvm_gmem_invalidate_end'],
};
const STEPS = {
  vcpu0: ['kvm_faultin_pfn:mmu_seq', 'filemap_get_entry', 'read_lock', 'srcu_read_unlock'],
  host: ['filemap_invalidate_lock', 'kvm_gmem_invalidate_end:write_unlock', 'tdp_mmu_zap_leafs'],
};

const call = fc
  .constantFrom(...Object.entries(CALLS).flatMap(([c, all]) => all.map((name) => [c, name])))
  .map(([column, name]) => ({ column: column!, name: name!, isCall: true }));
const step = fc
  .constantFrom(...Object.entries(STEPS).flatMap(([c, all]) => all.map((name) => [c, name])))
  .map(([column, name]) => ({ column: column!, name: name!, isCall: false }));
type Asked = { column: string; name: string; isCall: boolean };

const sequence = fc.array(fc.oneof(call, step), { minLength: 2, maxLength: 3 });
const during = fc.tuple(fc.oneof(call, step), call);
const order = fc.oneof(
  sequence.map((events) => ({ kind: 'sequence', events }) as const),
  during.map((events) => ({ kind: 'during', events: events as Asked[] }) as const),
);
type Order = { kind: 'sequence' | 'during'; events: Asked[] };

const textOf = ({ kind, events }: Order): string =>
  events.map((e) => `${e.column}@${e.name}`).join(kind === 'sequence' ? ' -> ' : ' during ');

/** First and last step of each time that an event takes place. */
function intervals(trace: Trace, { column, name, isCall }: Asked): [number, number][] {
  const actor = ['vcpu0', 'host'].indexOf(column);
  const [fn, label] = name.includes(':') ? name.split(':') : [undefined, name];
  const own = trace.steps.filter((s) => s.actor === actor);
  const isIn = (s: TraceStep): boolean =>
    isCall
      ? s.frames.some((f) => f.name === name)
      : isLabelled(s.label, label!) && (fn === undefined || s.frames.at(-1)!.name === fn);
  const found: [number, number][] = [];
  own.forEach((s, i) => {
    if (!isIn(s)) return;
    const goesOn = isCall && i > 0 && isIn(own[i - 1]!);
    if (goesOn) found.at(-1)![1] = s.index;
    else found.push([s.index, s.index]);
  });
  return found;
}

/** The definition, tried on all there is. */
function holdsIn(trace: Trace, { kind, events }: Order): boolean {
  const [first, ...rest] = events.map((e) => intervals(trace, e));
  if (kind === 'during')
    return first!.some(([a, b]) => rest[0]!.some(([from, to]) => from <= a && b <= to));
  const after = (end: number, [next, ...more]: [number, number][][]): boolean =>
    next === undefined || next.some(([from, to]) => from > end && after(to, more));
  return after(-1, [first!, ...rest]);
}

/** One run to its end. */
function walk(machine: Machine, seed: number): { decisions: Decision[]; live: LiveRun } {
  const live = new LiveRun(machine);
  const decisions: Decision[] = [];
  for (let n = seed; ; n = (Math.imul(n, 1103515245) + 12345) >>> 0) {
    const enabled = live.run.enabled();
    if (enabled.length === 0) return { decisions, live };
    const decision = enabled[(n >>> 16) % enabled.length]!;
    decisions.push(decision);
    live.take(decision);
  }
}

describe('orders of steps', () => {
  it('are on every run what their definition says', () => {
    let seen = 0;
    fc.assert(
      fc.property(order, fc.nat(), (asked, seed) => {
        const machine = machineOf(asking(`exists (${textOf(asked)})`));
        for (let n = 0; n < 8; n++) {
          const { decisions, live } = walk(machine, seed + n * 7919);
          const holds = machine.inspect(live.run.memory, machine.world.condition!.holds);
          expect(holds, textOf(asked)).toBe(holdsIn(traceOf(machine, decisions), asked));
          if (holds) seen++;
        }
      }),
      { seed: SEED, numRuns: effort(40) },
    );
    expect(seen).toBeGreaterThan(enough(20));
  });

  it('are found, or excluded, by every way of searching alike', () => {
    const verdicts = new Set<string>();
    fc.assert(
      fc.property(order, fc.constantFrom('exists', 'never', 'forall'), (asked, quantifier) => {
        const test = asking(`${quantifier} (${textOf(asked)})`);
        const { verdict } = new ExhaustiveSearch(machineOf(test), BOUNDS).run();
        verdicts.add(`${quantifier} ${verdict}`);
        for (const reduced of [ALL, { ...NONE, partialOrder: true }, { ...NONE, chains: true }])
          expect(new ReducedSearch(machineOf(test), reduced, BOUNDS).run().verdict).toBe(verdict);
        expect(new ContextBoundedSearch(machineOf(test), BOUNDS).run().verdict).toBe(verdict);
        const compact = searchHashCompact(machineOf(test), BOUNDS, { bits: 64, seed: 1 });
        expect(compact.verdict).toBe(verdict);
      }),
      { seed: SEED, numRuns: effort(25) },
    );
    expect(verdicts.size, 'kinds of answers').toBeGreaterThan(enough(4));
  });

  it('keep columns apart that do the same', () => {
    const rows = ' run: write 0 1 | run: write 0 1 ;';
    const text = (first: string, second: string): string =>
      `gmem two "two" { attr[0]=private; }\n vcpu0 | vcpu1 ;\n${rows}\n` +
      `exists (${first}@kvm_faultin_pfn -> ${second}@kvm_faultin_pfn /\\ ` +
      `~(${first}@kvm_tdp_mmu_map -> ${second}@kvm_tdp_mmu_map))`;
    const found = [text('vcpu0', 'vcpu1'), text('vcpu1', 'vcpu0')].map((t) => {
      const test = readTest(t, 'two');
      return new ReducedSearch(machineOf(test), ALL, BOUNDS).run().verdict;
    });
    expect(found).toEqual(['holds', 'holds']);
  });
});
