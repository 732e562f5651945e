import { expect } from 'vitest';
import type { Machine } from '../../src/core/machine.js';
import { Checker } from '../../src/explore/sampling/checker.js';
import { drive } from '../../src/explore/sampling/drive.js';
import type { Chooser } from '../../src/explore/sampling/strategy.js';
import { Walk } from '../../src/explore/sampling/walk.js';

/** Makes single runs, whatever they break. */
export class Draws {
  readonly walk: Walk;
  private readonly checker: Checker;

  constructor(machine: Machine, seed: number, maxSteps = 200) {
    this.walk = new Walk(machine, seed, maxSteps);
    this.checker = new Checker(machine);
  }

  /** What the run breaks, if anything. */
  make(run: number, chooser: Chooser): string | undefined {
    return drive(this.walk, run, chooser, this.checker);
  }

  /** How often each schedule is drawn, by the actors that move. */
  count(runs: number, chooser: Chooser): Map<string, number> {
    const counts = new Map<string, number>();
    for (let run = 0; run < runs; run++) {
      this.make(run, chooser);
      const key = this.walk.actors.join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }
}

/** Chi-square of observed counts against expected shares; all else is a failure. */
export function chiSquare(counts: Map<string, number>, shares: Record<string, number>): number {
  expect([...counts.keys()].filter((key) => !(key in shares))).toEqual([]);
  const draws = [...counts.values()].reduce((a, b) => a + b, 0);
  return Object.entries(shares).reduce((sum, [key, share]) => {
    const expected = share * draws;
    return sum + ((counts.get(key) ?? 0) - expected) ** 2 / expected;
  }, 0);
}

/**
 * What chi-square exceeds once in 10,000: by Wilson and Hilferty its cube root
 * is nearly normal.
 */
export function limit(freedom: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 3.719 * Math.sqrt(spread)) ** 3;
}
