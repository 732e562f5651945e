import type { Kernel } from '../kernel.js';
import type { InitialPage, Scenario } from '../scenario.js';
import { folioOf } from './folios.js';
import { entryOf, PG_LEVEL_2M } from './leaves.js';
import { placeLeaf } from './place-huge.js';
import { SEPT_MAPPED, SEPT_PENDING, TD_STATE_INITIALIZED, TD_STATE_RUNNABLE } from './tdx.js';

/** A TD before anybody moves. vCPUs that are to be initialised are not yet. */
export function placeTd(k: Kernel, { initial, columns }: Scenario): void {
  const tdx = k.kvm_tdx[0]!;
  tdx.state = initial.launched ? TD_STATE_RUNNABLE : TD_STATE_INITIALIZED;
  tdx.finalized = initial.launched;
  for (const call of columns.flatMap((c) => c.calls))
    if (call.op === 'KVM_TDX_INIT_VCPU') k.vcpu_tdx[call.vcpu]!.initialized = false;
  for (const page of initial.pages) mapPage(k, page);
}

function mapPage(k: Kernel, { file, index, sept }: InitialPage): void {
  if (!sept) return;
  const number = file * k.shape.pages + index;
  const tdx = k.kvm_tdx[0]!;
  if (k.protocol.septHoldsPages) k.folios[folioOf(k, number)]!.refcount.shared += 1;
  const state = sept.accepted ? SEPT_MAPPED : SEPT_PENDING;
  if (k.shape.huge && placeLeaf(k, sept.gfn, number, sept.huge === true)) {
    const { index, sept: table } = entryOf(k, sept.gfn, PG_LEVEL_2M);
    table.store(index, state);
    return;
  }
  tdx.mirror.store(sept.gfn, number);
  tdx.sept_pfn.store(sept.gfn, number);
  tdx.sept.store(sept.gfn, state);
}
