import { invariants } from '../../models/invariants/index.js';
import { readTest } from '../../models/language/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { buildWorld } from '../../models/scenario.js';
import type { Subject } from '../subject.js';
import * as families from './families.js';
import { litmusText, sizesText, type Family, type Sizes } from './families.js';

/** One question for both checkers, with the answer that both must give. */
export interface SpinCase {
  /** Such as `punch-2x1-1-1x1`: vCPUs x accesses, pages, hosts x changes. */
  readonly name: string;
  readonly family: Family;
  readonly sizes: Sizes;
  /** Page frames that are ever used: the others' cells never change, and Spin gets none. */
  readonly folios: number;
  /** States and transitions of the unreduced search. */
  readonly states: number;
  readonly transitions: number;
}

/** The version whose flows the Promela files follow. */
export const PROTOCOL = '6.12';

/** Our side of a case. */
export function subjectOf({ name, family, sizes }: SpinCase): Subject {
  const { scenario } = readTest(litmusText(family, name, sizes), `${name}.litmus`);
  const build = () => buildWorld(scenario, protocolById(PROTOCOL), invariants).world;
  return { test: name, protocol: PROTOCOL, build };
}

/** Spin's side: what the Promela file is told. */
export function definesOf({ sizes, folios }: Pick<SpinCase, 'sizes' | 'folios'>): string[] {
  const values = { ...sizes, folios };
  return Object.entries(values).map(([size, value]) => `-D${size.toUpperCase()}=${value}`);
}

type Row = readonly [
  family: Family,
  vcpus: number,
  accesses: number,
  pages: number,
  hosts: number,
  changes: number,
  folios: number,
  states: number,
  transitions: number,
];

function caseOf(row: Row): SpinCase {
  const [family, vcpus, accesses, pages, hosts, changes, folios, states, transitions] = row;
  const sizes = { vcpus, accesses, pages, hosts, changes };
  const name = `${family.name}-${sizesText(sizes)}`;
  return { name, family, sizes, folios, states, transitions };
}

const { punch, attributes, slots } = families;

/** Seconds at most, for the suite: every size of every family differs from 1 somewhere. */
export const smallCases: readonly SpinCase[] = (
  [
    [punch, 1, 1, 1, 1, 1, 1, 1_316, 2_472],
    [punch, 1, 2, 2, 1, 1, 2, 3_882, 7_500],
    [punch, 1, 3, 3, 2, 1, 4, 56_305, 114_516],
    [punch, 2, 1, 1, 1, 1, 2, 102_215, 285_440],
    [attributes, 1, 2, 1, 1, 2, 1, 6_645, 12_423],
    [attributes, 1, 2, 3, 1, 1, 2, 3_918, 7_598],
    [attributes, 1, 1, 2, 2, 2, 1, 28_141, 55_611],
    [slots, 1, 2, 1, 1, 2, 1, 1_250, 2_307],
    [slots, 1, 1, 3, 2, 1, 3, 1_878, 3_573],
    [slots, 2, 1, 2, 1, 1, 2, 30_547, 83_196],
  ] satisfies Row[]
).map(caseOf);

/** For the benchmark: what reduced Spin takes a tenth of a second to a minute for. */
export const largeCases: readonly SpinCase[] = ([] satisfies Row[]).map(caseOf);
