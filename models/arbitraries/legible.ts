import fc from 'fast-check';
import { printTest } from '../language/print.js';
import type { Protocol } from '../protocol.js';
import type { Scenario } from '../scenario.js';

/** The scenario, which fast-check prints as the litmus test that it is when a property fails. */
export function legible(scenario: Scenario, { id }: Protocol): Scenario {
  const text = (): string => `\n${printTest(scenario, 'generated', [`expect ${id}: holds`])}`;
  return Object.defineProperty(scenario, fc.toStringMethod, { value: text });
}
