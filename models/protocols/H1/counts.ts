import { EAGAIN } from '../../errno.js';
import type { Implementations } from '../../functions.js';
import type { Kernel } from '../../kernel.js';
import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import { NONE } from '../../state/shape.js';
import type { Inode } from '../../state/structs.js';
import { kvm_gmem_unsafe_page } from '../H2/guest_memfd.js';
import * as gmem from './guest_memfd.js';
import { H1 } from './index.js';
import { H1refs } from './refs.js';

const asked = from('virt/kvm/guest_memfd.c', 'Re: [RFC PATCH v2 17/23], 2025-10-13: as asked');

/** To shared the references are counted as well, before a leaf is split. */
const functions: Partial<Implementations> = {
  kvm_gmem_unsafe_page,
  kvm_gmem_convert_should_proceed: asked(function* kvm_gmem_convert_should_proceed(
    k: Kernel,
    inode: Inode,
    start: number,
    end: number,
    attrs: number,
  ) {
    const unsafe = attrs ? NONE : yield* k.kvm_gmem_unsafe_page(inode, start, end);
    if (unsafe !== NONE) return [-EAGAIN, unsafe] as const;
    return yield* gmem.kvm_gmem_convert_should_proceed(k, inode, start, end, attrs);
  }),
};

/** SPLIT-7: the order that the next version may have. */
export const H1counts = protocol(H1, {
  id: 'H1+counts',
  title: 'RFC v2, but a conversion to shared counts references before it splits',
  functions,
});

export const H1refsCounts = protocol(H1refs, {
  id: 'H1+refs+counts',
  title: 'the same where leaves of the S-EPT hold references to their folio',
  functions,
});
