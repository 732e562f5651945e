// Deliberately wrong: "vCPUs need not wait for the truncation: what they had mapped is
// zapped by then, so end the invalidation first." docs/variants.md follows the report
// to the mistake.
import { later, protocolById, variant } from 'gmemcheck';

export default variant(protocolById('P9'), {
  id: 'early-end',
  title: 'PUNCH_HOLE ends the invalidation before it truncates',
  functions: (base) => ({
    kvm_gmem_punch_hole: later(base.kvm_gmem_punch_hole, 'truncate_inode_pages_range'),
  }),
});
