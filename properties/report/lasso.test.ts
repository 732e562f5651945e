import { expect, test } from 'vitest';
import { again, call, choose, step, test as look, type Flow } from '../../src/core/flow.js';
import { lock, mutex, tryLock, unlock, type Lock } from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { srcu, srcuReadLock, srcuReadUnlock, synchronize } from '../../src/core/srcu.js';
import { bool, int, struct } from '../../src/core/struct.js';
import { traceOf } from '../../src/core/trace.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { findLivelock } from '../../src/explore/progress/cycles.js';
import { findDoomed } from '../../src/explore/progress/doomed.js';
import { graphOf } from '../../src/explore/progress/graph.js';
import { renderTrace } from '../../src/report/diagram.js';
import { build, op } from '../engine/world.js';

const Vm = struct({
  srcu: srcu('kvm->srcu'),
  slots: mutex('kvm->slots_lock'),
  a: mutex('a->lock'),
  b: mutex('b->lock'),
  slot: int(0, 2),
  flag: bool(),
});
type S = ReturnType<typeof Vm.place>;
type Code = (s: S) => Flow;

/** A read-side section that goes round until the slot is there or gone. */
const prefault: Code = function* (s) {
  yield* srcuReadLock('srcu_read_lock(&kvm->srcu)', s.srcu);
  yield* call('kvm_tdp_map_page', function* () {
    const r = yield* call('kvm_mmu_do_page_fault', function* (): Flow<number> {
      const slot = yield* step('slot = gfn_to_memslot(kvm, gfn)', () => s.slot);
      if (slot === 1) yield* step('mmu_seq = mmu_invalidate_seq', () => {});
      return slot;
    });
    if (r === 1) yield* again();
  });
  yield* srcuReadUnlock('srcu_read_unlock(&kvm->srcu)', s.srcu);
};

/** Waits for it to end before the slot goes. */
const deleteSlot: Code = function* (s) {
  yield* lock('mutex_lock(&kvm->slots_lock)', s.slots);
  yield* step('slot INVALID', () => void (s.slot = 1));
  yield* synchronize('synchronize_srcu(&kvm->srcu)', s.srcu);
  yield* step('slot gone', () => void (s.slot = 2));
  yield* unlock('mutex_unlock(&kvm->slots_lock)', s.slots);
};

const backoff = (first: (s: S) => Lock, second: (s: S) => Lock): Code =>
  function* (s) {
    yield* lock('mutex_lock(first)', first(s));
    if (!(yield* tryLock('mutex_trylock(second)', second(s)))) {
      yield* unlock('mutex_unlock(first)', first(s));
      yield* again();
    }
    yield* unlock('mutex_unlock(second)', second(s));
    yield* unlock('mutex_unlock(first)', first(s));
  };
const [a, b] = [(s: S) => s.a, (s: S) => s.b];

/** The report of what is found, without the empty line a template begins with. */
function report(
  find: typeof findDoomed,
  columns: Record<string, readonly [Code, string]>,
  budget = 0,
): string {
  const { machine, world } = build({
    state: (memory: Memory) => Vm.place(memory, 'kvm'),
    programs: Object.values(columns).map(([code]) => (s: S) => [op('ioctl', () => code(s))]),
    budget,
  });
  const search = new ExhaustiveSearch(machine, { maxStates: 100_000 });
  search.run();
  const finding = find(graphOf(machine, search.states, search.transitions))!;
  return `\n${renderTrace({
    trace: traceOf(machine, [...finding.stem, ...finding.loop]),
    world,
    actors: Object.keys(columns),
    operations: Object.values(columns).map(([, text]) => [text]),
    finding,
    isFinal: false,
  })}`;
}

const PREFAULT = [prefault, 'KVM_PRE_FAULT_MEMORY(0, 1)'] as const;
const DELETE = [deleteSlot, 'KVM_SET_USER_MEMORY_REGION2(0, 0, 0)'] as const;

test('doomed: where it was lost, the loop, who retries and who waits', () => {
  expect(report(findDoomed, { vcpu0: PREFAULT, host: DELETE })).toBe(`
  vcpu0                                host
  -----------------------------------  ------------------------------------
  KVM_PRE_FAULT_MEMORY(0, 1)
    srcu_read_lock(&kvm->srcu)
                                       KVM_SET_USER_MEMORY_REGION2(0, 0, 0)
                                         mutex_lock(&kvm->slots_lock)
                                         slot INVALID
  doomed from here
                                         synchronize_srcu(&kvm->srcu)
  loop begins
:   kvm_tdp_map_page()
:     kvm_mmu_do_page_fault()
:       slot = gfn_to_memslot() /* = 1 */
:       mmu_seq = mmu_invalidate_seq /* retry */
  ... and so on from 'loop begins'

BUG: doomed: after step 3 no schedule without further faults or signals
lets everybody finish. The run may go on for ever in the loop.

  vcpu0, in kvm_mmu_do_page_fault()
    retries:   kvm_tdp_map_page()
    holds:     kvm->srcu (kvm.srcu, shared)

  host, in ioctl()
    waits for: synchronize_srcu(&kvm->srcu) /* readers have left */
    readers:   vcpu0
    holds:     kvm->slots_lock (kvm.slots)
`);
});

test('livelock: everybody moves and nobody gets anywhere', () => {
  const columns = {
    ab: [backoff(a, b), 'first a, then b'],
    ba: [backoff(b, a), 'first b, then a'],
  } as const;
  expect(report(findLivelock, columns)).toBe(`
  ab                                   ba
  -----------------------------------  ------------------------------------
  loop begins
: first a, then b
:   mutex_lock(first)
:                                      first b, then a
:                                        mutex_lock(first)
:   mutex_trylock(second) /* false */
:                                        mutex_trylock(second) /* false */
:   mutex_unlock(first) /* retry */
:                                        mutex_unlock(first) /* retry */
  ... and so on from 'loop begins'

BUG: livelock: the loop may go on for ever under a fair scheduler. No
operation completes in it; everybody moves who could always move, and
nobody waits for a lock that is ever free.

  ab, in ioctl()
    retries:   ioctl()

  ba, in ioctl()
    retries:   ioctl()
`);
});

test('a list marks its loop as columns do', () => {
  const spin: Code = function* (s) {
    if (!(yield* look('READ_ONCE(flag)', () => s.flag))) yield* again();
  };
  const keeps: Code = function* (s) {
    yield* step('two?', () => {}, { when: () => s.slot === 2 });
    yield* lock('mutex_lock(a)', s.a);
    yield* call('keep', () => spin(s));
    yield* unlock('mutex_unlock(a)', s.a);
  };
  /** Has retried, but no more. */
  const waits: Code = function* (s) {
    if ((yield* step('slot++', () => s.slot++)) === 0) yield* again();
    yield* lock('mutex_lock(a)', s.a);
    yield* unlock('mutex_unlock(a)', s.a);
  };
  const columns = {
    w: [spin, 'spin'],
    x: [keeps, 'keep'],
    y: [waits, 'sleep'],
    z: [spin, 'spin'],
    v: [spin, 'spin'],
  } as const;
  expect(report(findLivelock, columns)).toBe(`
  y  sleep
  y    slot++ /* = 0, retry */
  y    slot++ /* = 1 */
  x  keep
  x    two?
  x    mutex_lock(a)
  loop begins
: w  spin
: w    READ_ONCE(flag) /* false, retry */
: x    keep()
: x      READ_ONCE(flag) /* false, retry */
: z  spin
: z    READ_ONCE(flag) /* false, retry */
: v  spin
: v    READ_ONCE(flag) /* false, retry */
  ... and so on from 'loop begins'

BUG: livelock: the loop may go on for ever under a fair scheduler. No
operation completes in it; everybody moves who could always move, and
nobody waits for a lock that is ever free.

  w, in ioctl()
    retries:   ioctl()

  x, in keep()
    retries:   keep()
    holds:     a->lock (kvm.a)

  y, in ioctl()
    waits for: mutex_lock(a) /* held by x */
    lock:      a->lock (kvm.a)

  z, in ioctl()
    retries:   ioctl()

  v, in ioctl()
    retries:   ioctl()
`);
});

test('doomed without a loop: only a signal helps', () => {
  const sleeps: Code = function* (s) {
    const signals = [
      { name: '', cost: 0 },
      { name: 'signal', cost: 1 },
    ];
    yield* choose('schedule()', signals, (option) => option, {
      when: (option) => option === 1 || s.flag,
    });
  };
  const wakes: Code = function* (s) {
    yield* step('flag = true; wake_up()', () => void (s.flag = true));
    yield* step('flag = false', () => void (s.flag = false));
  };
  const columns = { waker: [wakes, 'wake'], sleeper: [sleeps, 'sleep'] } as const;
  expect(report(findDoomed, columns, 1)).toBe(`
  waker
  -------------------------------------------------------------------------
  wake
    flag = true; wake_up()
    flag = false
  doomed from here

sleeper has not begun.

BUG: doomed: after step 2 no schedule without further faults or signals
lets everybody finish. The run stops here.

  sleeper, in ioctl()
    waits for: schedule()
`);
});
