import { expect, test } from 'vitest';
import { step, test as observe, type Flow } from '../../src/core/flow.js';
import { lock, lockShared, mutex, rwlock } from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { srcu, srcuReadLock, synchronize } from '../../src/core/srcu.js';
import { bool, struct } from '../../src/core/struct.js';
import { renderHolders } from '../../src/report/holders.js';
import { build, op, order, runOf } from '../engine/world.js';

const Cells = struct({
  slots: mutex('kvm->slots_lock'),
  mmu: rwlock('kvm->mmu_lock'),
  folio: mutex('folio'),
  srcu: srcu('kvm->srcu'),
  set: bool(),
});
const state = (memory: Memory) => Cells.place(memory, 'vm');
type S = ReturnType<typeof state>;

/** What is said of the state that a schedule ends in, and of nothing before it. */
function holders(flows: Record<string, (s: S) => Flow>, ...schedule: number[]): string {
  const programs = Object.entries(flows).map(([name, flow]) => (s: S) => [op(name, () => flow(s))]);
  const run = runOf(build({ state, programs }).machine, order(...schedule));
  expect(run.enabled()).toEqual([]);
  return `\n${renderHolders(run, Object.keys(flows)).slice(1).join('\n')}\n`;
}

const slots = (s: S) => lock('mutex_lock(&kvm->slots_lock)', s.slots);
const readMmu = (s: S) => lockShared('read_lock(&kvm->mmu_lock)', s.mmu);
const writeMmu = (s: S) => lock('write_lock(&kvm->mmu_lock)', s.mmu);
const enter = (s: S) => srcuReadLock('srcu_read_lock(&kvm->srcu)', s.srcu);
const forever = (s: S) => step('wait for the user', () => {}, { when: () => s.set });

test('a writer names every reader, and a reader the writer', () => {
  const text = holders(
    {
      *reader(s) {
        yield* readMmu(s);
        yield* forever(s);
      },
      *other(s) {
        yield* readMmu(s);
        yield* forever(s);
      },
      *writer(s) {
        yield* writeMmu(s);
      },
    },
    0,
    1,
  );
  expect(text).toContain('waits for: write_lock(&kvm->mmu_lock) /* held by reader, other */');
  expect(text).toContain('holds:     kvm->mmu_lock (vm.mmu, shared)');
  const reverse = holders(
    {
      *writer(s) {
        yield* writeMmu(s);
        yield* forever(s);
      },
      reader: readMmu,
    },
    0,
  );
  expect(reverse).toContain('waits for: read_lock(&kvm->mmu_lock) /* held by writer */');
});

test('an actor that waits for itself says so', () => {
  const text = holders(
    {
      *notifier(s) {
        yield* writeMmu(s);
        yield* readMmu(s);
      },
    },
    0,
  );
  expect(text).toBe(`

  notifier, in notifier()
    waits for: read_lock(&kvm->mmu_lock) /* held by itself */
    lock:      kvm->mmu_lock (vm.mmu, shared)
    holds:     kvm->mmu_lock (vm.mmu)
`);
});

test('synchronize names the readers that were inside, and none that came later', () => {
  const inside = function* (s: S): Flow {
    yield* enter(s);
    yield* slots(s);
  };
  const text = holders(
    {
      *updater(s) {
        yield* slots(s);
        yield* synchronize('synchronize_srcu(&kvm->srcu)', s.srcu);
      },
      early: inside,
      late: inside,
    },
    1,
    0,
    0,
    2,
  );
  expect(text).toBe(`

  updater, in updater()
    waits for: synchronize_srcu(&kvm->srcu) /* readers have left */
    readers:   early
    holds:     kvm->slots_lock (vm.slots)

  early, in early()
    waits for: mutex_lock(&kvm->slots_lock) /* held by updater */
    lock:      kvm->slots_lock (vm.slots)
    holds:     kvm->srcu (vm.srcu, shared)

  late, in late()
    waits for: mutex_lock(&kvm->slots_lock) /* held by updater */
    lock:      kvm->slots_lock (vm.slots)
    holds:     kvm->srcu (vm.srcu, shared)
`);
});

test('a folio lock that is taken with a look at the folio names its holder', () => {
  const look = (s: S) =>
    observe(
      'folio_lock(folio); folio->mapping == mapping?',
      () => {
        s.folio.owner = s.$memory.actor;
        return true;
      },
      { when: () => !s.folio.isLocked, acquires: [s.folio.resource('exclusive')] },
    );
  const text = holders(
    {
      *fault(s) {
        yield* look(s);
        yield* forever(s);
      },
      *punch(s) {
        yield* look(s);
      },
    },
    0,
  );
  expect(text).toContain('waits for: folio_lock(folio); folio->mapping == mapping? /* held by\n');
});

test('a wait that is for no lock names nobody', () => {
  const text = holders(
    {
      user: forever,
      *other(s) {
        yield* slots(s);
        yield* forever(s);
      },
    },
    1,
  );
  expect(text).toBe(`

  user, in user()
    waits for: wait for the user

  other, in other()
    waits for: wait for the user
    holds:     kvm->slots_lock (vm.slots)
`);
});
