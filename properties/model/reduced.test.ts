import { describe, expect, it } from 'vitest';
import { isThorough } from '../effort.js';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld } from '../../models/world.js';
import { expectationOf, protocolsOf } from '../../src/check/expectation.js';
import { findProtocol } from '../../src/check/protocols.js';
import { committedTests } from '../../src/check/tests.js';
import { Machine } from '../../src/core/machine.js';
import { ConditionTable } from '../../src/explore/conditions.js';
import { ReducedSearch } from '../../src/explore/reduced-search.js';
import { ALL } from '../../src/explore/reductions/options.js';
import { Orbits } from '../../src/explore/reductions/orbits.js';

const OF_PROGRESS = ['doomed', 'livelock'];

/** Every other test, under the last protocol of each line that says what to expect. */
/** No other test of the suite searches it. */
const LARGE = 'two-faults-vs-two-punches';

const cases = committedTests()
  .filter((test, i) => isThorough || i % 2 === 0 || test.name === LARGE)
  .flatMap((test) =>
    protocolsOf(test)
      .filter((id) => isThorough || test.expectations.some((e) => e.protocols.at(-1)?.text === id))
      .map((id) => ({ name: test.name, id, test })),
  );

describe('committed litmus tests with every reduction', () => {
  const symmetric: string[] = [];

  it.each(cases)('$name under $id', async ({ id, test, name }) => {
    const { protocol } = await findProtocol(id);
    const world = buildWorld(test.scenario, protocol, invariants, test.condition).world;
    const machine = new Machine(world);
    const found = new ReducedSearch(machine, ALL, { maxStates: 3_000_000 }).run();
    const { verdict, property: named } = expectationOf(test, id)!;
    const property = named?.text;
    // Progress is not asked of a reduced search.
    if (property && OF_PROGRESS.includes(property)) expect(found.verdict).toBe('holds');
    else {
      expect(found.verdict).toBe(verdict);
      if (property) expect(found.property).toBe(property);
    }
    const orbits = new Orbits(machine);
    if (orbits.isTrivial) return;
    symmetric.push(`${name} ${id}`);
    // The search holds its moves against generators only; here against every renaming.
    const all = orbits.isSound(new ConditionTable(machine));
    expect(all || world.condition !== undefined).toBe(true);
  });

  it('have symmetric ones among them', () => {
    expect(symmetric.length).toBeGreaterThan(5);
  });
});
