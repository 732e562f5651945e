import type { LitmusTest } from '../../models/language/index.js';
import { defaultInvariants, invariants } from '../../models/invariants/index.js';
import { buildWorld, type Built } from '../../models/world.js';
import { Machine } from '../core/machine.js';
import { goalOf, type Goal } from '../explore/goal.js';
import type { Named } from '../check/named.js';

/** What is to go on breaking, and how far to look for it. */
export interface Asked {
  readonly named: Named;
  readonly property: string;
  /** States of each search. */
  readonly maxStates: number;
}

/** A test that is ready to be searched for runs that break the property, and nothing before. */
export interface Ready<Test = LitmusTest> {
  readonly test: Test;
  readonly built: Built;
  readonly machine: Machine;
  readonly goal: Goal;
}

/** @throws InputError where there is no such world */
export function ready<Test extends Pick<LitmusTest, 'scenario' | 'condition'>>(
  test: Test,
  { named, property }: Asked,
): Ready<Test> {
  const built = buildWorld(test.scenario, named.protocol, invariants, test.condition);
  const { world } = built;
  // Where several break at once, it is this one that counts.
  const asked = world.properties.filter((p) => p.id === property);
  const properties = [...asked, ...world.properties.filter((p) => p.id !== property)];
  const machine = new Machine({ ...world, properties });
  return { test, built, machine, goal: goalOf(machine, property) };
}

/** `check ...` for a property that is not checked by default. */
export function checkLine(property: string): string {
  const isExtra =
    invariants.some((i) => i.id === property) && !defaultInvariants.includes(property);
  return isExtra ? `check ${property}` : '';
}
