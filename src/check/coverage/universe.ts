import { entries, hasOperation, type CallName } from '../../../models/operations.js';
import type { Protocol } from '../../../models/protocol.js';
import { resultName } from '../../errno.js';
import type { Named } from '../named.js';
import { sourceOf, type ProtocolSource } from './source.js';
import { labelText, partsOf, type Value } from './values.js';
import { NotFollowed, type Found } from './found.js';
import { walkAll } from './walk.js';

/** All that a function's source has to reach. */
export interface FunctionUniverse {
  readonly source: string;
  readonly sites: readonly Found[];
  /** Constants that it returns; values that it computes are not among them. */
  readonly returns: readonly string[];
  /** Why its source could not be followed. */
  readonly failed: string | undefined;
}

export type Universe = ReadonlyMap<string, FunctionUniverse>;

/** A protocol's source, and all that there is in it to reach. */
export interface Survey {
  readonly source: ProtocolSource;
  readonly universe: Universe;
}

/** Read once for all tests; undefined where the protocol's source cannot be told. */
export function surveyOf(named: Named): Survey | undefined {
  const { protocol } = named;
  if (!surveys.has(protocol)) {
    const source = sourceOf(named);
    surveys.set(protocol, source && { source, universe: universeOf(protocol, source) });
  }
  return surveys.get(protocol);
}
/** Of a function some steps of which are others nobody has the source. */
const EDITED: FunctionUniverse = {
  source: '',
  sites: [],
  returns: [],
  failed: 'steps of it are changed one by one',
};

const surveys = new WeakMap<Protocol, Survey | undefined>();

/** The functions that operations of the protocol can enter, with all their steps. */
function universeOf(protocol: Protocol, source: ProtocolSource): Universe {
  const all = new Map<string, FunctionUniverse>();
  const visit = (name: string): void => {
    if (all.has(name) || !Object.hasOwn(protocol.functions, name)) return;
    const isEdited = (protocol.functions[name]!.edits ?? []).length > 0;
    const universe = isEdited ? EDITED : functionUniverse(name, source);
    all.set(name, universe);
    for (const site of universe.sites)
      if (site.kind === 'call') visit(partsOf(site.label).join(''));
  };
  for (const operation of Object.keys(entries) as CallName[])
    if (hasOperation(protocol, operation)) visit(entries[operation].enters);
  return all;
}

/** One function, with the steps of helpers that it has inline. */
export function functionUniverse(
  name: string,
  { functions, kernel }: ProtocolSource,
): FunctionUniverse {
  const fn = functions.get(name);
  if (!fn) return { source: '', sites: [], returns: [], failed: 'its source was not found' };
  const sites = new Map<string, Found>();
  const returns = new Set<string>();
  const source = `${fn.module.shown}:${fn.node.loc?.start.line ?? 0}`;
  let failed: string | undefined;
  try {
    walkAll(fn, kernel, (site) => {
      const name = constantName(site.label);
      if (site.kind !== 'return')
        sites.set(`${site.trail} ${labelText(partsOf(site.label))}`, site);
      else if (name !== undefined) returns.add(name);
    });
  } catch (error) {
    if (!(error instanceof NotFollowed)) throw error;
    failed = error.message;
  }
  return { source, sites: [...sites.values()], returns: [...returns], failed };
}

/** A returned constant as the source names it; of a tuple, the first. */
export function constantName(value: Value): string | undefined {
  if (value.kind === 'list') return value.items[0] && constantName(value.items[0]);
  if (value.kind !== 'plain' || value.value === undefined) return undefined;
  return (
    value.name ?? (typeof value.value === 'number' ? resultName(value.value) : String(value.value))
  );
}
