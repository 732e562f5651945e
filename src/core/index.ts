/** What a model needs of the engine. */
export { EngineError, InputError } from './errors.js';
export { Memory } from './memory.js';
export {
  bool,
  int,
  pointer,
  struct,
  structs,
  table,
  Table,
  View,
  type Fields,
  type StructType,
  type ViewOf,
} from './struct.js';
export {
  again,
  call,
  choose,
  step,
  test,
  type Argument,
  type Flow,
  type FlowFunction,
  type Option,
  type Returned,
} from './flow.js';
export {
  lock,
  lockShared,
  mutex,
  rwlock,
  rwsem,
  tryLock,
  unlock,
  unlockShared,
  type Lock,
} from './locks.js';
export { refcount, type Refcount } from './refcount.js';
export { seqcount, type SeqCount } from './seqcount.js';
export type { Symmetry } from './symmetry.js';
export { srcu, srcuReadLock, srcuReadUnlock, synchronize, type Srcu } from './srcu.js';
export { Observer, type Order, type Watched } from './observer.js';
export type { Resource } from './resources.js';
export type { Operation } from './automaton.js';
export { Ledger, PENDING, type Actor, type Condition, type Property, type World } from './world.js';
