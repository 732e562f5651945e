import { describe, expect, it } from 'vitest';
import { readTest } from '../../models/language/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { shrink } from '../../src/shrink/shrink.js';

/** The initial state and the columns that are left of a test, on a line. */
function least(text: string, id: string, property: string): string {
  const named = { protocol: protocolById(id), reference: id };
  const test = readTest(`gmem it ${text}`, 'it.litmus', named.protocol.own);
  const { text: smallest } = shrink(test, { named, property, maxStates: 50_000 });
  return /^\{[^]*(?= ;\n(check|expect|forall))/m.exec(smallest)![0].replace(/\s+/g, ' ').trim();
}

const RACE =
  '{ memory=snp; attr[0]=private; } vcpu0 | host ; run: read 0 | fallocate(PUNCH_HOLE, 0, 1)';
const ASKED = '; check S4s';

describe('what is superfluous goes', () => {
  it.each<[string, string]>([
    [
      'a page and a gfn behind it',
      '{ memory=snp; pages=2; gfns=2; attr[0]=private; } vcpu0 | host ; run: read 0 | fallocate(PUNCH_HOLE, 0, 2)',
    ],
    [
      'a page, and another gfn than its own',
      '{ memory=snp; pages=3; gfns=3; slots=3; slot[0]=none; slot[2]=(2, 1, 0, 0); attr[2]=private; } vcpu3 | host1 ; run: read 2 | fallocate(PUNCH_HOLE, 0, 3)',
    ],
    [
      'the first VM',
      '{ memory=snp; vms=2; vm1:gmem[1]=own; slot[0]=none; vm1:attr[0]=private; vm1:slot[1]=(0, 1, 1, 0); } vm1:vcpu0 | vm1:host ; run: read 0 | fallocate(PUNCH_HOLE, gmem1, 0, 1)',
    ],
    [
      'the first guest_memfd',
      '{ memory=snp; gmems=2; attr[0]=private; slot[0]=(0, 1, 1, 0); } vcpu0 | host ; run: read 0 | fallocate(PUNCH_HOLE, gmem1, 0, 1)',
    ],
  ])('%s', (_, text) => {
    expect(least(text + ASKED, 'P3', 'S4s')).toBe(RACE);
  });

  it('a page of the slot alone that two threads are about', () => {
    const wide = `{ memory=snp; pages=2; gfns=3; attr[0]=private; attr[1]=private; slot[0]=(1, 2, 0, 0); }
      vcpu0 | host ; run: write 1 1 | KVM_SET_USER_MEMORY_REGION2(0, 0, 0) ;
      run: read 0 | KVM_SET_USER_MEMORY_REGION2(0, 0, 1, gmem0, 0) ;`;
    expect(least(wide, 'P3', 'S5')).toMatch(/^\{ memory=snp; gfns=2; .* slot\[0\]=\(1, 1, 0, 0\)/);
  });

  it('a slot of a page that a condition does not speak of', () => {
    const padded = `{ memory=sw; pages=2; gfns=2; slots=2; attr[0]=private; slot[0]=(0, 1, 0, 0); slot[1]=(1, 1, 0, 1); }
      vcpu0 ; run: read 0 ; forall (~filemap[0])`;
    expect(least(padded, 'P1', 'condition')).toBe(
      '{ memory=sw; attr[0]=private; } vcpu0 ; run: read 0',
    );
  });
});
