import { createHash } from 'node:crypto';
import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { hasOwnParts } from '../../models/variants/own.js';
import type { Machine } from '../core/machine.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { machineOf } from './searched.js';
import { committedTests } from './tests.js';

/** States of each test at first: where there is a difference, most show it in these. */
const FEW = 4_000;

/** States of a test that somebody asks of. */
const MANY = 100_000;

/**
 * Does a variant go through the very states of its base, in these tests, which are looked at
 * as a whole, and in all that there are, as far as they are searched?
 */
export function isTheSame(variant: Protocol, tests: readonly LitmusTest[]): boolean {
  if (!variant.base || hasOwnParts(variant.own)) return false;
  const isSame = (test: LitmusTest): boolean => goesTheSameWay(test, variant, FEW) !== 'no';
  if (!tests.every(isSame)) return false;
  const others = committedTests();
  if (tests.length >= others.length) return true;
  return (
    tests.every((test) => goesTheSameWay(test, variant, MANY) === 'yes') && others.every(isSame)
  );
}

/** Does it in one test, which is searched so far? */
export function goesTheSameWay(
  test: LitmusTest,
  variant: Protocol,
  maxStates: number,
): 'yes' | 'no' | 'so far' {
  const before = machineOf(test, variant.base!);
  const after = machineOf(test, variant);
  if (!before || !after) return before || after ? 'no' : 'yes';
  const [left, right] = [before, after].map((m) => new ExhaustiveSearch(m, { maxStates }).run());
  const { states, transitions, property } = left!;
  const isAlike =
    right!.states === states &&
    right!.transitions === transitions &&
    right!.property === property &&
    seenIn(before) === seenIn(after);
  if (!isAlike) return 'no';
  return left!.verdict === 'undecided' ? 'so far' : 'yes';
}

/** All steps and all memories that a search has come to, in their order. */
function seenIn(machine: Machine): string {
  const hash = createHash('sha256');
  for (const { def, pending } of machine.automaton.frames.states)
    hash.update(`${def.name} ${pending.kind === 'step' ? pending.label : pending.kind}\n`);
  for (let id = 0; id < machine.memories.count; id++) {
    machine.show(id);
    hash.update(machine.world.memory.words);
  }
  return hash.digest('hex');
}
