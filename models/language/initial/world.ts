import type { Scenario } from '../../scenario.js';

/** Sizes and initial state, as far as a file gives them; the rest by default. */
export type World0 = Omit<Scenario, 'columns' | 'invariants' | 'provenance'>;
