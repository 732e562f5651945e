import { arch, cpus, loadavg, platform } from 'node:os';
import { Machine } from '../src/core/machine.js';
import { ExhaustiveSearch } from '../src/explore/exhaustive.js';
import { ReducedSearch } from '../src/explore/reduced-search.js';
import { ALL } from '../src/explore/reductions/options.js';
import type { Plan } from './arguments.js';
import type { Progress } from './progress.js';
import { hunt, type Hunted } from './races/hunt.js';
import { raceName } from './races/known.js';
import type { Machine as Host, Results, Schedules } from './results.js';
import { runRounds, type Sizes } from './schedules/rounds.js';
import { smallCases, subjectOf } from './spin/cases.js';
import { compare, type Compared } from './spin/compare.js';
import { Workshop } from './spin/making.js';
import { findTools, type Tools } from './spin/tools.js';
import { subject } from './subject.js';

const SIZES: Sizes = { walks: 100_000, first: 1_000, live: 2_000, fastCheck: 1_000 };
const REPETITIONS = 5;
const WARM = { maxStates: 1_000_000 };

/** How many things `runBench` tells the progress of. */
export const countOf = (plan: Plan): number =>
  Number(plan.cases.length > 0) + plan.cases.length + Number(plan.schedules) + plan.races.length;

/** Measures what was planned, one thing after the other. @throws InputError */
export async function runBench(plan: Plan, progress: Progress): Promise<Results> {
  const begin = performance.now();
  const load = loadavg()[0]!;
  const tools = await findTools();
  const compared = await compareAll(plan, tools, progress);
  const schedules = plan.schedules ? await drawAll(progress) : undefined;
  const races: Hunted[] = [];
  for (const race of plan.races) {
    progress.next(raceName(race));
    races.push(await hunt(race));
  }
  progress.end();
  const wallSeconds = (performance.now() - begin) / 1000;
  return { machine: machine(load), tools, compared, schedules, races, wallSeconds };
}

/** All verifiers are made before the first of them is measured. */
async function compareAll(
  { cases }: Plan,
  tools: Tools | undefined,
  progress: Progress,
): Promise<Compared[]> {
  const compared: Compared[] = [];
  if (cases.length === 0) return compared;
  const workshop = new Workshop();
  try {
    progress.next(tools ? 'making verifiers' : 'warming up');
    if (tools) await workshop.make(tools, cases, (done) => progress.part(`${done} made`));
    warmUp();
    for (const each of cases) {
      progress.next(each.name);
      const verifiers = workshop.verifiers(each);
      compared.push(await compare(each, verifiers, (what) => progress.part(what)));
    }
  } finally {
    await workshop.remove();
  }
  return compared;
}

/**
 * What the JIT compiler has made for objects that are all gone is thrown away when
 * garbage is collected, as it is before each measurement: these stay.
 */
const kept: unknown[] = [];

/** The JIT compiler knows the searches when the first of them is measured. */
function warmUp(): void {
  for (const small of smallCases) {
    const [all, reduced] = [0, 1].map(() => new Machine(subjectOf(small).build()));
    const searches = [new ExhaustiveSearch(all!, WARM), new ReducedSearch(reduced!, ALL, WARM)];
    for (const search of searches) search.run();
    kept.push(all, reduced, searches);
  }
}

async function drawAll(progress: Progress): Promise<Schedules> {
  const measured = subject('two-faults-vs-two-punches', 'P3');
  progress.next('random schedules');
  const rounds = await runRounds(measured, SIZES, REPETITIONS, (done) =>
    progress.part(`round ${done} of ${REPETITIONS}`),
  );
  const { actors, properties } = measured.build();
  const { test, protocol } = measured;
  return {
    test,
    protocol,
    actors: actors.map((a) => a.name),
    properties: properties.map((p) => p.id),
    sizes: SIZES,
    rounds,
  };
}

function machine(loadBefore: number): Host {
  const cores = cpus();
  return {
    processor: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    node: process.version,
    platform: `${platform()} ${arch()}`,
    load: [loadBefore, loadavg()[0]!],
  };
}
