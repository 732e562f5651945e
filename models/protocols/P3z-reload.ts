import { kvm_mmu_reload_obsolete } from '../flows/prefault.js';
import { protocol } from '../protocol.js';
import { P3z } from './P3z.js';

/** The one patch where it matters: in 6.11 the deletion of any slot makes all roots obsolete. */
export const P3zReload = protocol(P3z, {
  id: 'P3z+reload',
  title: 'Linux 6.11 with 20a6cff3b283: kvm_mmu_reload() frees obsolete roots',
  functions: { kvm_mmu_reload: kvm_mmu_reload_obsolete },
});
