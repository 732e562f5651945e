import type { Scenario } from '../../models/scenario.js';
import type { Call } from '../../models/operations.js';
import { actionOf } from '../../models/arbitraries/index.js';
import { CoverageSum } from '../check/coverage/summary.js';
import { seenCalls } from '../check/coverage/seen.js';
import type { Named } from '../check/named.js';
import { counted } from '../explore/counted.js';
import type { Machine } from '../core/machine.js';
import type { StateTable } from '../explore/states.js';
import type { FunctionCoverage } from '../report/coverage.js';
import { exercised } from './exercised.js';

/** What the scenarios of a drawing were, and what their runs did. */
export class Exercise {
  scenarios = 0;
  readonly worlds = new Counts();
  readonly actions = new Counts();
  readonly waits = new Counts();
  readonly retries = new Counts();
  readonly errors = new Counts();
  readonly overlaps = new Counts();
  private readonly seen = new Set<string>();

  constructor(private readonly named: Named) {}

  /** @param states those that a search of it has visited */
  add(scenario: Scenario, machine: Machine, states: StateTable): void {
    const did = exercised(machine, states, scenario);
    this.scenarios++;
    this.worlds.add(worldOf(scenario));
    this.actions.add(callsOf(scenario).map(actionOf));
    this.waits.add(did.waits);
    this.retries.add(did.retries);
    this.errors.add(did.errors);
    this.overlaps.add(did.overlaps);
    const { functions } = this.named.protocol;
    for (const line of seenCalls(machine, functions, 'steps')) this.seen.add(line);
  }

  /** In how many scenarios each; of steps, how many of how many. */
  get json(): object {
    const { scenarios, worlds, actions, waits, retries, errors, overlaps } = this;
    const counts = { worlds, actions, waits, retries, errors, overlaps };
    const plain = Object.entries(counts).map(([name, of]) => [name, Object.fromEntries(of.sorted)]);
    return { scenarios, ...Object.fromEntries(plain), functions: this.steps };
  }

  /** Of the functions that operations can enter: all steps, and which were reached. */
  get steps(): readonly FunctionCoverage[] {
    const sum = new CoverageSum(this.named);
    sum.add([...this.seen]);
    return sum.coverage.functions;
  }
}

/** Counts of lines: each once per scenario. */
export class Counts {
  private readonly counts = new Map<string, number>();

  add(lines: Iterable<string>): void {
    for (const line of new Set(lines)) this.counts.set(line, this.of(line) + 1);
  }

  of(line: string): number {
    return this.counts.get(line) ?? 0;
  }

  /** The most frequent first. */
  get sorted(): readonly (readonly [string, number])[] {
    return [...this.counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  }
}

const callsOf = (s: Scenario): Call[] =>
  s.columns.flatMap((c) => c.calls.filter((call) => call.op !== 'after'));

/** What a scenario is, in words that say what there are few of. */
function worldOf(s: Scenario): string[] {
  const calls = callsOf(s).length;
  const flags = {
    'huge pages': s.huge,
    'two VMs': s.vms,
    TLBs: s.tlb,
    'an lru_add batch': s.lruBatch,
    'a fault of the environment': s.faults > 0,
    'a launch that goes on': !s.initial.launched,
    'a mapping of guest_memfd': s.flags !== 'none',
    'no slot of guest_memfd': s.initial.slots.every((slot) => slot.file === undefined),
    'a wait of one thread for another': s.columns.some((c) =>
      c.calls.some((x) => x.op === 'after'),
    ),
  };
  return [
    `memory=${s.memory}`,
    counted(s.columns.length, 'thread'),
    counted(calls, 'call'),
    ...Object.entries(flags).flatMap(([name, is]) => (is ? [name] : [])),
  ];
}
