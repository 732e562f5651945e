import { again, call, choose, step, test, type Argument, type Flow } from '../../src/core/flow.js';
import { lock, lockShared, mutex, rwlock, unlock, unlockShared } from '../../src/core/locks.js';
import { Machine } from '../../src/core/machine.js';
import { Memory } from '../../src/core/memory.js';
import { Ledger, type Property } from '../../src/core/world.js';
import { bool, int, struct } from '../../src/core/struct.js';
import { traceOf, type Trace } from '../../src/core/trace.js';

/** A program of one actor: `[flow name, text]` of each operation. */
export type Program = readonly (readonly [keyof Flows, string])[];
type Flows = ReturnType<typeof flowsOf>;

const Gmem = struct({
  folio: bool(),
  invalidateLock: rwlock('mapping->invalidate_lock'),
  slotsLock: mutex('kvm->slots_lock'),
});
const Vm = struct({
  seq: int(0, 20),
  inProgress: int(0, 9),
  spte: bool(),
  mmuLock: rwlock('kvm->mmu_lock'),
});

/** A guest_memfd of one page, a VM, and a fault that forgets to check again. */
function placeAll(memory: Memory) {
  return { vm: Vm.place(memory, 'vm0'), gmem: Gmem.place(memory, 'gmem0') };
}

function flowsOf({ vm, gmem }: ReturnType<typeof placeAll>) {
  function* getPfn(_index: number): Flow<number> {
    if (yield* test('folio = filemap_get_folio(mapping, index)', () => gmem.folio)) return 0;
    const failed = yield* choose(
      'folio = filemap_alloc_folio(gfp, 0)',
      [
        { name: '', cost: 0 },
        { name: 'alloc: ENOMEM', cost: 1 },
      ],
      (option) => {
        if (option === 0) gmem.folio = true;
        return option;
      },
    );
    return failed ? -12 : 0;
  }
  function* faultIn(_gfn: number, isChecked: boolean): Flow<number> {
    const seq = yield* step('mmu_seq = kvm->mmu_invalidate_seq', () => vm.seq);
    const error = yield* call('kvm_gmem_get_pfn', getPfn, 0);
    if (error) return error;
    yield* lockShared('read_lock(&kvm->mmu_lock)', vm.mmuLock);
    const isStale =
      isChecked &&
      (yield* test('mmu_invalidate_retry_gfn(kvm, mmu_seq, gfn)', () =>
        vm.inProgress > 0 || vm.seq !== seq));
    if (!isStale) yield* step('kvm_tdp_mmu_map(vcpu, fault)', () => void (vm.spte = true));
    yield* unlockShared('read_unlock(&kvm->mmu_lock)', vm.mmuLock);
    if (isStale) yield* again();
    return 0;
  }
  function* begin(): Flow {
    yield* lock('write_lock(&kvm->mmu_lock)', vm.mmuLock);
    yield* step('kvm_mmu_invalidate_begin(kvm)', () => void vm.inProgress++);
    yield* step('kvm_mmu_unmap_gfn_range(kvm, &range)', () => void (vm.spte = false));
    yield* unlock('write_unlock(&kvm->mmu_lock)', vm.mmuLock);
  }
  function* end(): Flow {
    yield* lock('write_lock(&kvm->mmu_lock)', vm.mmuLock);
    yield* step('kvm_mmu_invalidate_end(kvm)', () => {
      vm.seq++;
      vm.inProgress--;
    });
    yield* unlock('write_unlock(&kvm->mmu_lock)', vm.mmuLock);
  }
  function* punchHole(_start: number, _end: number): Flow<number> {
    yield* lock('filemap_invalidate_lock(inode->i_mapping)', gmem.invalidateLock);
    yield* call('kvm_gmem_invalidate_begin', begin);
    yield* step(
      'truncate_inode_pages_range(inode->i_mapping, start, end - 1)',
      () => void (gmem.folio = false),
    );
    yield* call('kvm_gmem_invalidate_end', end);
    yield* unlock('filemap_invalidate_unlock(inode->i_mapping)', gmem.invalidateLock);
    return 0;
  }
  function* release(): Flow<number> {
    yield* lock('mutex_lock(&kvm->slots_lock)', gmem.slotsLock);
    yield* lock('filemap_invalidate_lock(mapping)', gmem.invalidateLock);
    yield* unlock('filemap_invalidate_unlock(mapping)', gmem.invalidateLock);
    yield* unlock('mutex_unlock(&kvm->slots_lock)', gmem.slotsLock);
    return 0;
  }
  function* populate(): Flow<number> {
    yield* lockShared('filemap_invalidate_lock_shared(mapping)', gmem.invalidateLock);
    yield* lock('mutex_lock(&kvm->slots_lock)', gmem.slotsLock);
    yield* unlock('mutex_unlock(&kvm->slots_lock)', gmem.slotsLock);
    yield* unlockShared('filemap_invalidate_unlock_shared(mapping)', gmem.invalidateLock);
    return 0;
  }
  function* run(isChecked: boolean): Flow<number> {
    return yield* call('kvm_tdp_page_fault', faultIn, 0, isChecked);
  }
  function* fallocate(): Flow<number> {
    return yield* call('kvm_gmem_punch_hole', punchHole, 0, 1);
  }
  function* look(): Flow<number> {
    return yield* step('look(seq)', () => vm.seq);
  }
  function* twice(): Flow<number> {
    yield* call('look', look);
    return yield* call('look', look);
  }
  function* bump(): Flow {
    yield* step('seq++', () => void vm.seq++);
  }
  return {
    twice: { fn: twice, args: [] },
    bump: { fn: bump, args: [] },
    fault: { fn: run, args: [false] },
    checkedFault: { fn: run, args: [true] },
    punch: { fn: fallocate, args: [] },
    release: { fn: release, args: [] },
    populate: { fn: populate, args: [] },
  } satisfies Record<string, { fn: unknown; args: Argument[] }>;
}

/** Builds the toy world for these actors. */
export function toy(programs: Record<string, Program>) {
  const names = Object.keys(programs);
  const memory = new Memory(names.length);
  const places = placeAll(memory);
  const flows = flowsOf(places);
  const actors = names.map((name) => ({
    name,
    program: programs[name]!.map(([flow]) => ({ name: flow, ...flows[flow] })),
    outcomes: programs[name]!.map(() => ['r']),
  }));
  const ledger = new Ledger(memory, actors, 1);
  memory.seal();
  const properties: Property[] = [
    {
      id: 'S1',
      holds: () => !places.vm.spte || places.gmem.folio || places.vm.inProgress > 0,
    },
  ];
  const world = { memory, actors, properties, condition: undefined, ledger };
  const operations = names.map((name) => programs[name]!.map(([, text]) => text));
  return { world, operations, machine: new Machine(world) };
}

/**
 * The trace of a schedule written as text: `0*3 1 0:1` lets actor 0 take three
 * steps, actor 1 one, and actor 0 one with outcome 1.
 */
export function follow(machine: Machine, schedule: string): Trace {
  const decisions = schedule.split(' ').flatMap((word) => {
    const [, actor, option, times] = /^(\d+)(?::(\d+))?(?:\*(\d+))?$/.exec(word)!;
    return Array.from({ length: Number(times ?? 1) }, () => ({
      actor: Number(actor),
      option: Number(option ?? 0),
    }));
  });
  return traceOf(machine, decisions);
}
