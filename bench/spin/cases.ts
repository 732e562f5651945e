import { invariants } from '../../models/invariants/index.js';
import { readTest } from '../../models/language/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { buildWorld } from '../../models/world.js';
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
  /**
   * States and transitions of the unreduced search, which Spin must count as well;
   * undefined where there are too many.
   */
  readonly states: number | undefined;
  readonly transitions: number | undefined;
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
  states?: number,
  transitions?: number,
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

/** For the benchmark: what reduced Spin takes a few hundredths of a second to seconds for. */
export const benchCases: readonly SpinCase[] = (
  [
    [punch, 2, 1, 1, 1, 1, 2, 102_215, 285_440],
    [punch, 2, 1, 3, 1, 1, 2, 151_183, 438_809],
    [punch, 2, 1, 1, 1, 2, 3, 559_189, 1_613_131],
    [punch, 2, 2, 2, 1, 1, 3, 522_513, 1_480_206],
    [punch, 2, 1, 1, 2, 1, 3, 1_098_394, 3_187_176],
    [punch, 2, 1, 2, 2, 1, 4, 1_200_741, 3_536_070],
    [punch, 2, 2, 1, 1, 2, 3, 1_499_316, 4_325_437],
    [punch, 2, 1, 1, 3, 1, 3, 4_682_758, 13_686_973],
    [punch, 2, 2, 2, 2, 1, 4, 7_663_003, 22_606_332],
    [punch, 3, 1, 1, 1, 1, 3, 8_857_366, 32_791_869],
    [punch, 3, 1, 2, 1, 1, 3, 9_655_054, 36_404_221],
    [attributes, 2, 1, 1, 1, 2, 1, 221_257, 618_640],
    [attributes, 2, 2, 1, 1, 2, 1, 1_246_569, 3_438_719],
    [attributes, 2, 2, 2, 2, 1, 2, 1_285_920, 3_694_864],
    [attributes, 3, 1, 1, 1, 1, 1, 2_928_796, 10_606_784],
    [attributes, 2, 2, 2, 1, 2, 2, 3_515_030, 9_868_796],
    [slots, 3, 1, 1, 1, 1, 1, 402_884, 1_441_605],
    [slots, 3, 1, 2, 1, 1, 2, 1_942_697, 7_140_294],
    [slots, 3, 2, 1, 1, 1, 1, 3_908_552, 14_151_570],
  ] satisfies Row[]
).map(caseOf);

/** For `--large`: up to minutes and gigabytes each. */
export const largeCases: readonly SpinCase[] = (
  [
    [punch, 2, 1, 1, 2, 2, 3, 5_448_828, 15_933_248],
    [punch, 3, 1, 3, 1, 1, 3, 10_959_298, 42_005_606],
    [punch, 3, 2, 1, 1, 1, 3, 23_156_453, 85_302_214],
    [punch, 4, 1, 1, 1, 1, 4],
    [attributes, 3, 1, 2, 1, 1, 2, 4_739_861, 17_300_362],
    [attributes, 3, 2, 1, 1, 1, 1, 19_213_494, 68_721_160],
    [attributes, 4, 1, 1, 1, 1, 1],
    [slots, 4, 1, 1, 1, 1, 1, 14_620_001, 65_835_712],
  ] satisfies Row[]
).map(caseOf);
