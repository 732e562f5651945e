import { counted } from '../explore/counted.js';
import type { Compared, Difference } from './compare.js';

/** One difference with where it is; the field names are a contract. */
export interface LocatedDifference extends Difference {
  readonly file: string;
  readonly sequence: number;
}

/** What all recordings together say; the field names are a contract. */
export interface Summary {
  readonly protocol: string;
  readonly sequences: number;
  readonly agree: number;
  readonly differ: number;
  /** Sequences that agree up to something the model has not got. */
  readonly outside: number;
  /** Operations compared, differing ones included. */
  readonly operations: number;
  readonly differences: readonly LocatedDifference[];
  readonly left: readonly { file: string; line: number; sequence: number; why: string }[];
}

export function summarize(protocol: string, all: readonly Compared[]): Summary {
  const differences = all.flatMap(({ file, sequence, difference }) =>
    difference ? [{ file, sequence, ...difference }] : [],
  );
  const left = all.flatMap(({ file, sequence, outside }) =>
    outside ? [{ file, sequence, ...outside }] : [],
  );
  return {
    protocol,
    sequences: all.length,
    agree: all.length - differences.length - left.length,
    differ: differences.length,
    outside: left.length,
    operations: all.reduce((sum, c) => sum + c.operations, 0),
    differences,
    left,
  };
}

/** The summary as text: one paragraph for each sequence that does not agree. */
export function summaryText(s: Summary): string {
  const differences = s.differences.map(
    (d) =>
      `${d.file}:${d.line}: sequence ${d.sequence}, operation ${d.operation}, ${d.op}\n` +
      `    ${d.field}: recorded ${d.expected}, model ${d.got}\n`,
  );
  const left = s.left.map(
    (o) => `${o.file}:${o.line}: sequence ${o.sequence} is not compared further\n    ${o.why}\n`,
  );
  const outside = s.outside > 0 ? `, ${counted(s.outside, 'leaves', 'leave')} the model` : '';
  return [
    ...differences,
    ...left,
    `${counted(s.sequences, 'sequence')}: ${counted(s.agree, 'agrees', 'agree')}, ` +
      `${counted(s.differ, 'differs', 'differ')}${outside}\n`,
    `${counted(s.operations, 'operation')} compared with protocol ${s.protocol}\n`,
  ].join('');
}
