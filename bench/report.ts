import { arch, cpus, loadavg, platform } from 'node:os';
import { spread } from './measure.js';
import type { Round, Sizes } from './run.js';
import type { Drawn } from './schedules.js';
import type { Subject } from './subject.js';
import { renderTable, thousands, type Row, type Section } from './table.js';

/** The benchmark's answer, as it is printed. */
export function benchReport(subject: Subject, sizes: Sizes, rounds: readonly Round[]): string {
  const sections = [ratios(rounds), exhaustive(rounds), random(sizes, rounds)];
  return renderTable(head(subject, rounds.length), sections, notes(rounds[0]!));
}

function head(subject: Subject, repetitions: number): string[] {
  const { actors, properties } = subject.build();
  const cores = cpus();
  return [
    `gmemcheck benchmark on ${cores[0]?.model.trim()}, ${cores.length} cores; ` +
      `Node ${process.version}, ${platform()} ${arch()}; ` +
      `load average ${loadavg()[0]!.toFixed(1)} at the end, of which this is at most 1`,
    `${subject.test} under ${subject.protocol}: ${actors.map((a) => a.name).join(', ')}; ` +
      `unreduced, one thread; after every step ${properties.length} invariants: ` +
      `${properties.map((p) => p.id).join(' ')}. ` +
      `${repetitions} repetitions after one that is thrown away.`,
  ];
}

const schedulesPerSecond = (d: Drawn): number => d.schedules / d.seconds;
const stepsPerSecond = (d: Drawn): number => d.steps / d.seconds;

function row(rounds: readonly Round[], what: string, value: (r: Round) => number): Row {
  return { what, spread: spread(rounds.map(value)) };
}

function ratios(rounds: readonly Round[]): Section {
  const to = (name: string, other: (r: Round) => Drawn): Row => ({
    ...row(rounds, name, (r) => schedulesPerSecond(r.walks) / schedulesPerSecond(other(r))),
    unit: ' x',
    digits: 1,
  });
  return {
    title: 'Schedules a second, gmemcheck against',
    rows: [
      { ...to('fc.scheduler, waitIdle()', (r) => r.waitIdle), aim: 100 },
      { ...to('fc.scheduler, waitAll()', (r) => r.waitAll), aim: 100 },
      to('no scheduler: a plain loop', (r) => r.live),
    ],
  };
}

function exhaustive(rounds: readonly Round[]): Section {
  const of = (what: string, value: (r: Round['searched']) => number): Row =>
    row(rounds, what, (r) => value(r.searched));
  return {
    title: 'Exhaustive search',
    rows: [
      { ...of('states a second', (s) => s.states / s.seconds), aim: 1_000_000 },
      of('transitions a second', (s) => s.transitions / s.seconds),
      { ...of('bytes a state', (s) => s.bytes / s.states), aim: 64, digits: 1 },
      of('states', (s) => s.states),
      of('transitions', (s) => s.transitions),
      of('distinct memories', (s) => s.memories),
      of('moves of a memory', (s) => s.moves),
    ],
  };
}

function random(sizes: Sizes, rounds: readonly Round[]): Section {
  const both = (what: string, of: (r: Round) => Drawn, aim?: number): Row[] => [
    row(rounds, `${what}: schedules/s`, (r) => schedulesPerSecond(of(r))),
    {
      ...row(rounds, `${' '.repeat(what.length)}  steps/s`, (r) => stepsPerSecond(of(r))),
      ...(aim === undefined ? {} : { aim }),
    },
  ];
  return {
    title: 'Random schedules',
    rows: [
      ...both('gmemcheck', (r) => r.walks, 10_000_000),
      ...both(`first ${thousands(sizes.first)}`, (r) => r.first),
      ...both('fc waitIdle()', (r) => r.waitIdle),
      ...both('fc waitAll()', (r) => r.waitAll),
      ...both('plain loop', (r) => r.live),
    ],
  };
}

const mean = (d: Drawn): string => (d.steps / d.schedules).toFixed(0);

function notes({ walks, first, live, waitIdle, waitAll }: Round): string[] {
  return [
    'Counted: a state is a memory and every local state, stored once. A step is one atomic ' +
      'step taken; a pick that finds its actor blocked is none, on either side. Bytes are those ' +
      'allocated for the tables of states (with parents), memories and moves, slack included; ' +
      'local states and the invariants memo are not in them.',
    'Same work: all sides draw the next actor uniformly, draw again if it is blocked, run the ' +
      'same generators from the same world to the end, and stop at a broken invariant. ' +
      `Mean steps a schedule: gmemcheck ${mean(walks)}, waitIdle ${mean(waitIdle)}, ` +
      `waitAll ${mean(waitAll)}, plain loop ${mean(live)}. Not the same: gmemcheck runs an effect ` +
      'and decides the invariants once per distinct memory and looks the answer up after that, ' +
      'the others do it anew at every step. Every repetition starts from empty tables; ' +
      `the line 'first ${thousands(first.schedules)}' shows what filling them costs a short run.`,
    'fc: live generators as tasks, every step awaited through ' +
      'scheduler.schedule(Promise.resolve()) in an asyncProperty of fc.check. waitIdle() is what ' +
      'fast-check recommends, waitAll() is deprecated but faster. Plain loop: the same live ' +
      'generators and checks without fast-check.',
  ];
}
