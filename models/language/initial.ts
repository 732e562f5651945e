import type { Litmus } from '../../src/litmus/ast.js';
import type { Call } from '../operations.js';
import type { Initial } from '../scenario.js';
import { BARRIERS, FAILING_SEAMCALLS, KNOWN_MEMORY, type GmemFlags } from '../state/shape.js';
import { isLinked, type Vms } from '../state/vms.js';
import type { Own } from '../variants/own.js';
import { Assignments } from './initial/assignments.js';
import { readAttributes } from './initial/attributes.js';
import { readHuge } from './initial/huge.js';
import { readPages } from './initial/pages.js';
import { readSept } from './initial/sept.js';
import { readReadonly, readSlots, readSmmSlots, slotsNamed } from './initial/slots.js';
import { readModes } from './initial/vcpus.js';
import { checkPrefixes, gmemsNamed, MOST_VMS, readFiles } from './vms.js';
import type { World0 } from './initial/world.js';

/** Sizes beyond these cannot be searched, and would not say more. */
const LIMITS = {
  pages: 16,
  hugePages: 1024,
  gfns: 32,
  files: 4,
  slots: 4,
  folios: 64,
  faults: 8,
} as const;

const FLAGS: readonly GmemFlags[] = ['none', 'MMAP', 'INIT_SHARED'];

/** Reads the braces of a litmus file. @throws InputError pointing into it. */
export function readInitial(
  litmus: Litmus,
  file: string,
  calls: readonly Call[],
  own: Own,
): World0 {
  const given = new Assignments(litmus, file);
  const memory = given.word('memory', [...KNOWN_MEMORY, ...own.kinds], 'sw');
  const flags = given.word('flags', FLAGS, 'none');
  const lruBatch = given.word('lru', ['drained', 'batched'], 'drained') === 'batched';
  const huge = readHuge(given);
  const most = huge ? LIMITS.hugePages : LIMITS.pages;
  const pages = given.count('pages', 1, most, huge?.folio ?? 1);
  if (huge) given.multiple('pages', pages, huge.folio);
  const count = given.count('vms', 1, MOST_VMS, 1);
  checkPrefixes(litmus, count, file);
  const files = given.count('gmems', 1, LIMITS.files, gmemsNamed(litmus));
  const vms: Vms = {
    count,
    files: readFiles(litmus, files, count, file),
    sameAsid: given.word('asid', ['own', 'same'], 'own') === 'same',
  };
  const gfns = given.count('gfns', 1, huge ? most : LIMITS.gfns, pages);
  const slots = given.count(
    'slots',
    1,
    LIMITS.slots,
    Math.min(LIMITS.slots, Math.max(slotsNamed(given), ...calls.map(slotUsed))),
  );
  const actors = litmus.columns.length;
  const spare = (actors + 1) * (huge?.folio ?? 1);
  const folios = given.count('folios', 1, huge ? 8 * most : LIMITS.folios, pages * files + spare);
  if (huge) given.multiple('folios', folios, huge.folio);
  const faults = given.count('faults', 0, LIMITS.faults, 0);
  const values = calls.map((c) => ('value' in c ? c.value : 0));
  const placed = readReadonly(given, slots, readSlots(given, slots, gfns, pages, vms));
  const whole = memory === 'sw' ? undefined : huge;
  const initial: Initial = {
    sizes: Array.from({ length: files }, () => pages),
    attributes: readAttributes(given, gfns, count),
    slots: placed,
    pages: readSept(given, gfns, vms, placed, readPages(given, pages, placed, whole), huge),
    launched: given.word('launch', ['finished', 'started'], 'finished') === 'finished',
  };
  const contents = initial.pages.map((p) => p.content ?? 0);
  const maxValue = Math.max(1, ...values, ...contents);
  const tlb = given.optional('tlb', ['explicit']) !== undefined;
  const without = given.optional('without', BARRIERS);
  const rmpupdateFails = given.optional('rmpupdate', ['fails']) !== undefined;
  const psmashFails = given.optional('psmash', ['fails']) !== undefined;
  const speculative = given.optional('speculative', ['yes']) !== undefined;
  const seamcallFails = given.optional('seamcall', FAILING_SEAMCALLS);
  const dynamicPamt = given.optional('pamt', ['dynamic']) !== undefined;
  const cowSource = given.optional('source', ['cow']) !== undefined;
  const modes = readModes(given, calls);
  const smmSlots = readSmmSlots(given, slots);
  const shadowPaging = given.word('paging', ['tdp', 'shadow'], 'tdp') === 'shadow';
  const world = {
    memory,
    flags,
    lruBatch,
    gfns,
    pages,
    files,
    slots,
    folios,
    maxValue,
    faults,
    initial,
  };
  return {
    ...world,
    ...(tlb ? { tlb } : {}),
    ...(count > 1 || isLinked(vms) ? { vms } : {}),
    ...(without ? { without } : {}),
    ...(rmpupdateFails ? { rmpupdateFails } : {}),
    ...(psmashFails ? { psmashFails } : {}),
    ...(speculative ? { speculative } : {}),
    ...(seamcallFails ? { seamcallFails } : {}),
    ...(modes.some((m) => m) ? { modes } : {}),
    ...(smmSlots.length > 0 ? { smmSlots } : {}),
    ...(shadowPaging ? { shadowPaging } : {}),
    ...(huge ? { huge } : {}),
    ...(dynamicPamt ? { dynamicPamt } : {}),
    ...(cowSource ? { cowSource } : {}),
  };
}

function slotUsed(call: Call): number {
  return call.op === 'KVM_SET_USER_MEMORY_REGION2' ? call.slot + 1 : 1;
}
