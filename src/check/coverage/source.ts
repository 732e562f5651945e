import { join, resolve } from 'node:path';
import type { Protocol } from '../../../models/protocol.js';
import { packageRoot } from '../../root.js';
import type { Named } from '../named.js';
import { exportedValue } from './evaluate.js';
import { moduleAt } from './modules.js';
import { plain, type FunctionValue, type Value } from './values.js';

/** A protocol's functions as its source has them. */
export interface ProtocolSource {
  readonly functions: ReadonlyMap<string, FunctionValue>;
  /** What is known of the kernel under this protocol, whatever the scenario. */
  readonly kernel: ReadonlyMap<string, Value>;
}

const BUILT_IN = join(packageRoot, 'models', 'protocols', 'index.ts');

/** Reads where a protocol's functions come from; undefined where it cannot be told. */
export function sourceOf({ protocol, reference }: Named): ProtocolSource | undefined {
  const kernel = kernelOf(protocol);
  const hash = reference.lastIndexOf('#');
  const value =
    hash < 0 ? builtIn(protocol.id, kernel) : exported(resolve(reference.slice(0, hash)), kernel);
  const table = field(value, 'functions');
  if (table?.kind !== 'record') return undefined;
  const functions = new Map<string, FunctionValue>();
  for (const name of Object.keys(protocol.functions)) {
    const fn = table.fields.get(name);
    if (fn?.kind === 'function') functions.set(name, fn);
  }
  return { functions, kernel };
}

function exported(path: string, kernel: ProtocolSource['kernel']): Value | undefined {
  const module = moduleAt(path);
  return module && exportedValue(module, 'default', kernel);
}

function builtIn(id: string, kernel: ProtocolSource['kernel']): Value | undefined {
  const module = moduleAt(BUILT_IN);
  const all = module && exportedValue(module, 'protocols', kernel);
  if (all?.kind !== 'list') return undefined;
  return all.items.find((p) => {
    const known = field(p, 'id');
    return known?.kind === 'plain' && known.value === id;
  });
}

function field(value: Value | undefined, name: string): Value | undefined {
  return value?.kind === 'record' ? value.fields.get(name) : undefined;
}

/** Fields of a scenario's shape that are the same in all that the protocol can run. */
function kernelOf({ kinds, lacks, functions }: Protocol): ReadonlyMap<string, Value> {
  const shape = new Map<string, Value>();
  if (kinds.length === 1) shape.set('memory', plain(kinds[0]));
  shape.set('vcpuStats', plain(false));
  if (lacks.includes('close')) shape.set('closes', plain(false));
  if (lacks.includes('KVM_SET_MEMORY_ATTRIBUTES')) shape.set('mmio', plain(false));
  if (!Object.hasOwn(functions, 'kvm_gmem_fault_user_mapping')) {
    shape.set('mmap', plain(false));
    shape.set('gmemOnly', plain(false));
  }
  shape.set('inodeAttributes', plain(Object.hasOwn(functions, 'kvm_gmem_set_attributes')));
  return new Map([['shape', { kind: 'record', fields: shape }]]);
}
