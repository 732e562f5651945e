import { drawFastCheck, drawLive, drawWalks, type Drawn } from './draw.js';
import { collectGarbage } from '../measure.js';
import type { Subject } from '../subject.js';

/** How much of everything a round does. */
export interface Sizes {
  readonly walks: number;
  /** Schedules of the short run, in which filling the tables is not lost. */
  readonly first: number;
  readonly live: number;
  readonly fastCheck: number;
}

/** Everything measured once, one after the other. */
export interface Round {
  readonly walks: Drawn;
  readonly first: Drawn;
  readonly live: Drawn;
  readonly waitIdle: Drawn;
  readonly waitAll: Drawn;
}

/** One round. Rounds are repeated rather than parts, so that noise hits all alike. */
export async function runRound(subject: Subject, sizes: Sizes, seed: number): Promise<Round> {
  return {
    walks: await fresh(() => drawWalks(subject, sizes.walks, seed)),
    first: await fresh(() => drawWalks(subject, sizes.first, seed)),
    live: await fresh(() => drawLive(subject, sizes.live, seed)),
    waitIdle: await fresh(() => drawFastCheck(subject, sizes.fastCheck, seed, 'waitIdle')),
    waitAll: await fresh(() => drawFastCheck(subject, sizes.fastCheck, seed, 'waitAll')),
  };
}

function fresh(run: () => Promise<Drawn>): Promise<Drawn> {
  collectGarbage();
  return run();
}

/** One round to warm up, which is thrown away, then `repetitions` that count. */
export async function runRounds(
  subject: Subject,
  sizes: Sizes,
  repetitions: number,
  onRound: (done: number) => void = () => {},
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let i = 0; i <= repetitions; i++) {
    onRound(i);
    const round = await runRound(subject, sizes, i + 1);
    if (i > 0) rounds.push(round);
  }
  return rounds;
}

export type { Drawn };

export const schedulesPerSecond = (d: Drawn): number => d.schedules / d.seconds;
export const stepsPerSecond = (d: Drawn): number => d.steps / d.seconds;
