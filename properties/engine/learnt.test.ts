import fc from 'fast-check';
import { expect, it } from 'vitest';
import { learntOf, unionOf, type Learnt } from '../../src/check/learnt.js';
import { lockOrderOf } from '../../src/core/lockorder.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { draw } from '../../src/explore/sampling/sample.js';
import { machineOf, mayRecurse, programs, type Program } from './programs.js';
import { enough, seedOf } from '../model/seed.js';

/** What runs from `first` on have learnt, on a machine of their own. */
function learnt(p: Program, seed: number, first: number, runs: number): Learnt {
  const machine = machineOf(p);
  // Each alone, so that one that breaks something does not end it.
  for (let run = first; run < first + runs; run++)
    draw(machine, randomWalk(), { seed, first: run, runs: 1, maxSteps: 60 });
  return learntOf(machine);
}

it('what several searches have learnt is one thing, whoever learnt what and in which order', () => {
  let split = 0;
  fc.assert(
    fc.property(programs, fc.nat(1000), (p, seed) => {
      fc.pre(!mayRecurse(p));
      const parts = [0, 3, 6].map((first) => learnt(p, seed, first, 3));
      const whole = learnt(p, seed, 0, 9);
      const build = () => machineOf(p);
      const [one, other, third] = [parts, parts.toReversed(), [whole]].map((l) =>
        unionOf(l, build),
      );
      expect(learntOf(one!)).toEqual(whole);
      for (const machine of [other!, third!]) {
        expect(machine.automaton.nodes.map((n) => [n.id, n.actor, n.operation])).toEqual(
          one!.automaton.nodes.map((n) => [n.id, n.actor, n.operation]),
        );
        expect(lockOrderOf(machine)).toEqual(lockOrderOf(one!));
      }
      if (parts.every((part) => part.length < whole.length)) split++;
    }),
    { numRuns: 150, seed: seedOf(4) },
  );
  // Some in which nobody learnt all.
  expect(split).toBeGreaterThan(enough(3));
});
