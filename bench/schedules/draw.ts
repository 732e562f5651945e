import fc, { type Scheduler } from 'fast-check';
import { Machine } from '../../src/core/machine.js';
import type { World } from '../../src/core/world.js';
import { integers } from '../../src/explore/sampling/integers.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { sample } from '../../src/explore/sampling/sample.js';
import { LiveWorld } from './live.js';
import { timed } from '../measure.js';
import type { Subject } from '../subject.js';

/** Random schedules, each run to its end. */
export interface Drawn {
  readonly schedules: number;
  /** Steps taken; a pick that finds its actor blocked is none. */
  readonly steps: number;
  readonly seconds: number;
}

/** What is told of every state that a live run passes through. */
export type Watch = (world: World) => void;

const unwatched: Watch = () => {};

/** A retry loop need not end; no run of these tests comes near. */
const MAX_STEPS = 20_000;

/** gmemcheck's own random strategy, from empty tables. */
export async function drawWalks(subject: Subject, schedules: number, seed: number): Promise<Drawn> {
  const world = subject.build();
  const { seconds, result } = await timed(() =>
    sample(new Machine(world), randomWalk(), { runs: schedules, seed, maxSteps: MAX_STEPS }),
  );
  if (result.verdict !== 'holds') throw new Error(`${subject.test}: ${result.property} broken`);
  return { schedules, steps: result.transitions, seconds };
}

/** Live generators in a plain loop: what is left of the gap without fast-check. */
export async function drawLive(
  subject: Subject,
  schedules: number,
  seed: number,
  watch: Watch = unwatched,
): Promise<Drawn> {
  const live = new LiveWorld(subject.build());
  const below = integers(seed);
  const { seconds, result } = await timed(() => {
    let steps = 0;
    for (let i = 0; i < schedules; i++) {
      live.restart();
      check(live, watch);
      const running = live.world.actors.map((_, a) => a).filter((a) => !live.isDone(a));
      while (running.length > 0) {
        const at = below(running.length);
        if (!live.step(running[at]!, below)) continue;
        steps++;
        check(live, watch);
        if (live.isDone(running[at]!)) running.splice(at, 1);
      }
    }
    return steps;
  });
  return { schedules, steps: result, seconds };
}

/** How fast-check is told to run what is scheduled. */
export type Waiting = 'waitAll' | 'waitIdle';

/** The same generators as tasks of fc.scheduler(), in an asyncProperty. */
export async function drawFastCheck(
  subject: Subject,
  schedules: number,
  seed: number,
  waiting: Waiting,
  watch: Watch = unwatched,
): Promise<Drawn> {
  const live = new LiveWorld(subject.build());
  const below = integers(seed);
  let steps = 0;
  const actor = async (scheduler: Scheduler, a: number): Promise<void> => {
    while (!live.isDone(a)) {
      await scheduler.schedule(Promise.resolve());
      if (!live.step(a, below)) continue;
      steps++;
      check(live, watch);
    }
  };
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    live.restart();
    check(live, watch);
    const all = Promise.all(live.world.actors.map((_, a) => actor(scheduler, a)));
    await scheduler[waiting]();
    await all;
  });
  const { seconds, result } = await timed(() =>
    fc.check(property, { numRuns: schedules, seed, endOnFailure: true }),
  );
  if (result.failed) throw new Error(`${subject.test}: ${String(result.errorInstance)}`);
  return { schedules, steps, seconds };
}

function check(live: LiveWorld, watch: Watch): void {
  const broken = live.firstBroken();
  if (broken !== undefined) throw new Error(`${broken} is broken`);
  watch(live.world);
}
