import { mayLeaveMmio } from './mmio.js';
import { hasSlotFlags, hostPagesGo, namesUserspaceAddr } from './modes.js';
import type { Protocol } from './protocol.js';
import type { Scenario } from './scenario.js';
import type { Shape } from './state/shape.js';
import { oneVm } from './state/vms.js';

/** What there is to keep of a scenario under a protocol. */
export function shapeOf(s: Scenario, { functions, gmemOnly }: Protocol): Shape {
  const calls = s.columns.flatMap((c) => c.calls);
  const flags = s.fileFlags ?? [s.flags];
  const vcpus = calls.map((c) => ('vcpu' in c ? c.vcpu + 1 : 1));
  return {
    memory: s.memory,
    actors: s.columns.length,
    vcpus: Math.max(1, ...vcpus),
    gfns: s.gfns,
    files: s.files,
    vms: s.vms ?? oneVm(s.files),
    pages: s.pages,
    folios: s.folios,
    slots: s.slots,
    maxValue: s.maxValue,
    faults: s.faults,
    closes: calls.some((c) => c.op === 'close'),
    reuse: !s.invariants.includes('S9'),
    mmio: s.vcpuStats !== undefined || mayLeaveMmio(s),
    hwpoison: calls.some((c) => c.op === 'memory_failure'),
    mmap: flags.some((f) => f !== 'none'),
    mmaps: calls.filter((c) => c.op === 'mmap').length,
    initShared: s.flags === 'INIT_SHARED',
    gmemOnly: gmemOnly || flags.some((f) => f !== 'none'),
    inodeAttributes: Object.hasOwn(functions, 'kvm_gmem_set_attributes'),
    lruBatch: s.lruBatch,
    provenance: s.provenance,
    populates: calls.some((c) => c.op === 'KVM_SEV_SNP_LAUNCH_UPDATE'),
    signals: calls.some((c) => c.op === 'tgkill'),
    installs: s.invariants.includes('S15'),
    tlb: s.tlb,
    without: s.without,
    rmpupdateFails: s.rmpupdateFails,
    psmashFails: s.psmashFails,
    speculative: s.speculative,
    seamcallFails: s.seamcallFails,
    modes: s.modes,
    smmSlots: s.smmSlots,
    shadowPaging: s.shadowPaging,
    hostUnmaps: hostPagesGo(s.columns),
    fileFlags: s.fileFlags,
    defaultVm: s.defaultVm,
    slotFlags: hasSlotFlags(s),
    vcpuStats: s.vcpuStats,
    userspaceAddr: namesUserspaceAddr(s.columns),
    huge: s.huge,
    goalLevel: s.huge !== undefined && calls.some((c) => c.op === 'KVM_PRE_FAULT_MEMORY'),
    dynamicPamt: s.dynamicPamt,
    mmapWriters: calls.some((c) => c.op === 'brk'),
    cowSource: s.cowSource,
  };
}
