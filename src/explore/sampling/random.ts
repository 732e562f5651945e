import { alone, type Chooser, type Member, type Strategy } from './strategy.js';

/**
 * At every step each enabled actor is equally likely, exactly: all that have
 * not finished are, and whoever turns out to be blocked is drawn again. An
 * actor that spins is drawn no more often than the others.
 */
const uniform: Chooser = {
  begin: () => {},
  pick: (walk) => walk.running[walk.random.below(walk.runnable)]!,
  blocked: () => {},
};

export const randomMember: Member = {
  name: 'random walk',
  isProfiled: false,
  chooser: () => uniform,
};

/** Random walk: at every step each enabled actor is equally likely. */
export function randomWalk(): Strategy {
  return alone(randomMember);
}
