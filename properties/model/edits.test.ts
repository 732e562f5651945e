import { expect, describe, it } from 'vitest';
import { readTest } from '../../models/language/index.js';
import type { Implementations } from '../../models/functions.js';
import { goesTheSameWay } from '../../src/check/behaviour.js';
import {
  after,
  answered,
  before,
  from,
  given,
  later,
  protocolById,
  replace,
  step,
  variant,
  without,
} from '../../src/index.js';

const TEST = readTest(
  'gmem a { } host ; fallocate(PUNCH_HOLE, 0, 1) ; fallocate(ALLOCATE, 0, 1) ;',
  'a.litmus',
);

type Hole = Implementations['kvm_gmem_punch_hole'];

/** Does a change of the hole make itself felt: in what it notes of itself, and in states? */
function tried(change: (hole: Hole) => Hole): { hasEffect: boolean; way: string } {
  const protocol = variant(protocolById('P9'), {
    id: 'x',
    title: 'x',
    functions: (base) => ({ kvm_gmem_punch_hole: change(base.kvm_gmem_punch_hole) }),
  });
  const way = goesTheSameWay(TEST, protocol, 1_000);
  const { edits = [] } = protocol.changes['kvm_gmem_punch_hole']!;
  return { hasEffect: edits.every((e) => e.hasEffect), way };
}

const TRUNCATE = 'truncate_inode_pages_range';
const nop = () => step('nop', () => {});

describe('a change notes whether it has an effect', () => {
  it.each<[string, boolean, (hole: Hole) => Hole]>([
    ['without', true, (f) => without(f, [TRUNCATE])],
    ['before', true, (f) => before(f, TRUNCATE, nop)],
    ['before, with nothing', false, (f) => before(f, TRUNCATE, function* () {})],
    ['after', true, (f) => after(f, TRUNCATE, nop)],
    ['after, with nothing', false, (f) => after(f, TRUNCATE, function* () {})],
    ['replace', true, (f) => replace(f, TRUNCATE, nop)],
    ['later', true, (f) => later(f, TRUNCATE)],
    ['given', true, (f) => given(f, (k, inode, start) => [k, inode, start, start])],
    ['given the same', false, (f) => given(f, (k, ...args) => [k, ...args])],
  ])('%s: %s', (_what, hasEffect, change) => {
    expect(tried(change)).toEqual({ hasEffect, way: hasEffect ? 'no' : 'yes' });
  });

  it('each part for itself, and the number of places', () => {
    expect(tried((f) => without(f, [TRUNCATE, 'nowhere'])).hasEffect).toBe(false);
    expect(tried((f) => later(f, TRUNCATE, 99)).hasEffect).toBe(false);
  });

  it('an answer has none where it is the same, or nobody asks for it', () => {
    expect(tried((f) => answered(f, TRUNCATE, 0))).toEqual({ hasEffect: false, way: 'yes' });
    expect(tried((f) => answered(f, TRUNCATE, 7))).toEqual({ hasEffect: true, way: 'yes' });
  });

  it('another function has none where it does the same', () => {
    const again = from('x', 'v1');
    expect(tried((f) => again((k, ...args) => f(k, ...args)))).toMatchObject({ way: 'yes' });
    expect(tried((f) => before(f, TRUNCATE, nop))).toMatchObject({ way: 'no' });
  });

  it('what is later is not lost: behind the last step, or before it is met again', () => {
    const last = (f: Hole): Hole => later(f, 'filemap_invalidate_unlock');
    expect(tried(last)).toEqual({ hasEffect: false, way: 'yes' });
  });
});
