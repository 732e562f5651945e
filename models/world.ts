import {
  InputError,
  Ledger,
  Memory,
  Observer,
  PENDING,
  type Actor,
  type Property,
  type World,
} from '../src/core/index.js';
import { changed, type Made } from './changes.js';
import { buildKernel, placeState, type Kernel } from './kernel.js';
import { located } from './located.js';
import { checkHostMemory, checkModes, checkReadonly } from './modes.js';
import { callText, hasCall, operation, outcomeOf, type Call } from './operations.js';
import { ordersOf } from './orders.js';
import { isOfMapping } from './possible.js';
import type { Protocol } from './protocol.js';
import { checkFlags, checkHuge, checkVms } from './refused.js';
import type { AskedCondition, Invariant, Scenario } from './scenario.js';
import { shapeOf } from './shape-of.js';
import { placeTd } from './state/place-td.js';
import { populate } from './state/populate.js';
import { spareFrames } from './symmetry/alike.js';
import { candidates } from './symmetry/candidates.js';
import { symmetryOf } from './symmetry/cells.js';
import { hasOwnParts } from './variants/own.js';

export interface Built {
  readonly world: World;
  readonly kernel: Kernel;
  /** What the test has changed of the protocol. */
  readonly edits: readonly Made[];
}

/** Makes a world of a scenario under a protocol. @throws InputError if it cannot be. */
export function buildWorld(
  scenario: Scenario,
  base: Protocol,
  invariants: readonly Invariant[],
  condition?: AskedCondition,
): Built {
  const changes = located(scenario.changes ?? [], base, scenario.memory, () => {
    const { changes: _changes, orders: _orders, ...unchanged } = scenario;
    return buildWorld(unchanged, base, []).world;
  });
  const [protocol, edits] = changed(base, changes);
  if (!protocol.kinds.includes(scenario.memory))
    throw new InputError(
      `${protocol.id} has no memory kind '${scenario.memory}' (${protocol.kinds.join(', ')})`,
    );
  checkFlags(scenario, protocol);
  checkModes(scenario);
  checkReadonly(scenario, protocol);
  if (scenario.cowSource && scenario.memory !== 'snp')
    throw new InputError("'source=cow' needs memory=snp: the CPUID page is SNP's");
  if (scenario.tlb && scenario.memory === 'tdx')
    throw new InputError(
      "tlb=explicit is not for memory=tdx: the module's TRACK stands for its flushes",
    );
  checkVms(scenario, protocol);
  checkHuge(scenario, protocol);
  const memory = new Memory(scenario.columns.length);
  const shape = shapeOf(scenario, protocol);
  checkHostMemory(shape, scenario);
  const { own } = protocol;
  const state = placeState(memory, shape, own.state);
  const kernel = buildKernel(state, protocol);
  const actors = scenario.columns.map((column): Actor => ({
    name: column.name,
    program: column.calls.map((call) => operationOf(kernel, call)),
    outcomes: column.calls.map(outcomeOf),
  }));
  const ledger = new Ledger(memory, actors, scenario.faults, Math.max(55, scenario.maxValue));
  kernel.actorOf = (column) => actors.findIndex((a) => a.name === column);
  kernel.completed = (column, op) => ledger.outcome(kernel.actorOf(column), op, 0) !== PENDING;
  const observer = scenario.orders?.length
    ? new Observer(memory, ordersOf(scenario.orders, scenario.columns, protocol))
    : undefined;
  memory.seal();
  populate(kernel, scenario.initial);
  if (shape.memory === 'tdx') placeTd(kernel, scenario);
  const asked = invariants.filter((i) => scenario.invariants.includes(i.id));
  const properties = [...asked, ...own.invariants]
    .filter((i) => i.applies(shape))
    .map((i): Property => ({ id: i.id, holds: () => i.holds(kernel, scenario, ledger) }));
  return {
    kernel,
    edits,
    world: {
      memory,
      actors,
      properties,
      condition: condition?.(kernel, ledger, observer),
      // Orders name columns: these cannot change places. Of what a variant adds nobody knows.
      symmetries: () =>
        observer || hasOwnParts(own)
          ? []
          : candidates(scenario).map((r) => symmetryOf(r, shape, memory, actors)),
      alike: spareFrames(memory, shape),
      ledger,
      observer,
    },
  };
}

function operationOf(kernel: Kernel, call: Call) {
  if (!hasCall(kernel.protocol, call))
    throw new InputError(`${kernel.protocol.id} has no ${call.op}: '${callText(call)}'`);
  if (isOfMapping(call) && !kernel.shape.mmap)
    throw new InputError(`'${callText(call)}' needs flags=MMAP or INIT_SHARED`);
  if (call.op.startsWith('KVM_SEV_SNP') && kernel.shape.memory !== 'snp')
    throw new InputError(`'${callText(call)}' needs memory=snp`);
  const isOfTd = call.op.startsWith('KVM_TDX') || call.op === 'accept';
  if (isOfTd && kernel.shape.memory !== 'tdx')
    throw new InputError(`'${callText(call)}' needs memory=tdx`);
  if ('isAlias' in call && kernel.shape.memory !== 'tdx')
    throw new InputError(`'${callText(call)}' needs memory=tdx: elsewhere no gfn has an alias`);
  return operation(kernel, call);
}
