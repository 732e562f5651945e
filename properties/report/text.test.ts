import { expect, test } from 'vitest';
import { errnoName, resultName } from '../../src/errno.js';
import { fit } from '../../src/report/fit.js';
import { cut, shorter } from '../../src/report/text.js';

test('arguments lose their structs, then go; accessors keep theirs', () => {
  expect(shorter('write_lock(&kvm->mmu_lock)')).toEqual([
    'write_lock(&kvm->mmu_lock)',
    'write_lock(mmu_lock)',
    'write_lock()',
  ]);
  expect(shorter('seq = READ_ONCE(kvm->mmu_invalidate_seq)').at(-1)).toBe(
    'seq = READ_ONCE(mmu_invalidate_seq)',
  );
  expect(shorter('if (kvm_gmem_is_bound(slot, f(gfn)))').at(-1)).toBe('if (kvm_gmem_is_bound())');
});

test('a comparison keeps its structs: both sides may have the same member', () => {
  expect(shorter('folio->mapping == inode->mapping')).toEqual(['folio->mapping == inode->mapping']);
});

test('a cut is marked, and leaves a call a call', () => {
  expect(cut('kvm_gmem_invalidate_begin()', 20)).toBe('kvm_gmem_invalida~()');
  expect(cut('/* readers have left */', 15)).toBe('/* readers~ */');
  expect(cut('mmu_seq', 4)).toBe('mmu~');
});

const lines = (text: string, width: number, spill = width): readonly string[] =>
  fit({ actor: 0, depth: 1, text, remarks: ['= -EAGAIN'], mark: '' }, 2, width, spill).lines;

test('names are cut only when nothing else helps', () => {
  expect(lines('r = foo(&kvm->arch.x)', 40)).toEqual(['  r = foo(&kvm->arch.x) /* = -EAGAIN */']);
  expect(lines('r = foo(&kvm->arch.x)', 30)).toEqual(['  r = foo(x) /* = -EAGAIN */']);
  expect(lines('r = foo(&kvm->arch.x)', 24)).toEqual([
    '  r = foo(&kvm->arch.x)',
    '      /* = -EAGAIN */',
  ]);
  expect(lines('r = foo(&kvm->arch.x)', 24, 60)).toEqual([
    '  r = foo(&kvm->arch.x) /* = -EAGAIN */',
  ]);
  expect(lines('alloc_folio(); add_folio()', 22)).toEqual([
    '  alloc_folio();',
    '      add_folio()',
    '      /* = -EAGAIN */',
  ]);
  expect(lines('kvm_gmem_invalidate_begin()', 22)[0]).toBe('  kvm_gmem_invalida~()');
});

test('errors have the names that KVM developers expect', () => {
  expect([-1, -11, -12, -14, -17, -22, -95, -133].map(errnoName)).toEqual([
    '-EPERM',
    '-EAGAIN',
    '-ENOMEM',
    '-EFAULT',
    '-EEXIST',
    '-EINVAL',
    '-EOPNOTSUPP',
    '-EHWPOISON',
  ]);
  expect([0, 3, -999].map(resultName)).toEqual(['0', '3', '-999']);
});
