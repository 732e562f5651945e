import {
  mistakenChecks,
  mistakenProtocol,
  type Mistake,
} from '../../models/mutations/recorded/index.js';
import { compareSequence, type Difference } from './compare.js';
import type { Sequence } from './read.js';

/** A sequence that a changed model does not give, and where they part. */
export interface Catch extends Difference {
  readonly file: string;
  readonly sequence: number;
}

/**
 * The first sequence that tells a changed model from the kernel that was recorded; the
 * one that is said to be able to is asked first.
 * @throws InputError
 */
export function catchOf(mistake: Mistake, sequences: readonly Sequence[]): Catch | undefined {
  const protocol = mistakenProtocol(mistake);
  const checks = mistakenChecks(mistake);
  const isNamed = (s: Sequence): boolean => s.seq === mistake.by[0];
  const inOrder = [...sequences.filter(isNamed), ...sequences.filter((s) => !isNamed(s))];
  for (const sequence of inOrder) {
    const { file, sequence: number, difference } = compareSequence(sequence, protocol, checks);
    if (difference) return { file, sequence: number, ...difference };
  }
  return undefined;
}

/** One mistake, and what came of it. */
export interface Tried {
  readonly mistake: Mistake;
  readonly caught: Catch | undefined;
}

/** A paragraph that says which sequence tells, at which operation, by which field. */
export function catchText({ mistake, caught }: Tried): string {
  const head = `${mistake.id}\n    ${mistake.why}\n`;
  if (!caught) return `${head}    NOT CAUGHT\n`;
  const { file, line, sequence, operation, op, field, expected, got } = caught;
  return (
    `${head}    sequence ${sequence}, operation ${operation}, ${op}: ${field}: ` +
    `recorded ${expected}, model ${got}\n    ${file}:${line}\n`
  );
}
