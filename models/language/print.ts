import { InputError } from '../../src/core/index.js';
import { defaultInvariants } from '../invariants/index.js';
import { callText } from '../operations.js';
import type { WrittenChange } from '../changes.js';
import type { Vms } from '../state/vms.js';
import type { InitialPage, InitialSlot, Scenario } from '../scenario.js';

/**
 * A scenario as a litmus file: readTest() reads it back to an equal one.
 * @param expectations lines such as `expect 6.12: holds`
 * @throws InputError for what a litmus file has no words for
 */
export function printTest(
  scenario: Scenario,
  name: string,
  expectations: readonly string[] = [],
): string {
  refuseUnprintable(scenario);
  return [
    `gmem ${name}`,
    `{ ${initialWords(scenario).join(' ')} }`,
    ...withLines(scenario.changes),
    ...table(scenario),
    ...checkLine(scenario),
    ...expectations,
    '',
  ].join('\n');
}

function refuseUnprintable({ initial, pages, columns }: Scenario): void {
  if (initial.sizes.some((size) => size !== pages)) refuse('a gmem of another size');
  if (initial.pages.some((p) => p.file !== 0)) refuse('pages of a gmem other than gmem0');
  for (const call of columns.flatMap((c) => c.calls)) {
    if (call.op === 'KVM_CREATE_GUEST_MEMFD') refuse(call.op);
    if (call.op === 'KVM_PRE_FAULT_MEMORY' && call.exitReason !== undefined) refuse('exitReason');
  }
}

function refuse(what: string): never {
  throw new InputError(`a litmus file has no words for ${what}`);
}

/** Sizes are all given: that they are defaults should not depend on who reads. */
function initialWords(s: Scenario): string[] {
  const { attributes, slots, pages, launched } = s.initial;
  return [
    `memory=${s.memory};`,
    ...(s.huge ? [`huge=${s.huge.leaf};`, `folio=${s.huge.folio};`] : []),
    `pages=${s.pages};`,
    `gfns=${s.gfns};`,
    `gmems=${s.files};`,
    ...vmWords(s.vms),
    ...(s.flags === 'none' ? [] : [`flags=${s.flags};`]),
    ...(s.lruBatch ? ['lru=batched;'] : []),
    `slots=${s.slots};`,
    `folios=${s.folios};`,
    ...(s.faults > 0 ? [`faults=${s.faults};`] : []),
    ...(s.speculative ? ['speculative=yes;'] : []),
    ...(s.cowSource ? ['source=cow;'] : []),
    ...(s.dynamicPamt ? ['pamt=dynamic;'] : []),
    ...(s.psmashFails ? ['psmash=fails;'] : []),
    ...(s.rmpupdateFails ? ['rmpupdate=fails;'] : []),
    ...(s.seamcallFails ? [`seamcall=${s.seamcallFails};`] : []),
    ...(s.modes ?? []).flatMap((mode, i) => (mode ? [`vcpu[${i}]=${mode};`] : [])),
    ...(s.smmSlots ?? []).map((slot) => `as[${slot}]=smm;`),
    ...(s.shadowPaging ? ['paging=shadow;'] : []),
    ...(s.tlb ? ['tlb=explicit;'] : []),
    ...(s.without ? [`without=${s.without};`] : []),
    ...(launched ? [] : ['launch=started;']),
    ...attributes.flatMap((isPrivate, i) =>
      isPrivate ? [`${vmText(Math.floor(i / s.gfns))}attr[${i % s.gfns}]=private;`] : [],
    ),
    ...(slots.some((slot) => slot.slot === 0) ? [] : ['slot[0]=none;']),
    ...slots.map(slotText),
    ...slots.flatMap((s) => (s.readonly ? [`readonly[${s.slot}]=yes;`] : [])),
    ...pages.map(pageText),
    ...pages.flatMap(septText(s.huge?.leaf ?? 1)),
  ];
}

function vmWords(vms: Vms | undefined): string[] {
  if (!vms) return [];
  return [
    ...(vms.count > 1 ? [`vms=${vms.count};`] : []),
    ...(vms.sameAsid ? ['asid=same;'] : []),
    ...vms.files.flatMap(({ vm, inode }, f) =>
      vm > 0 || inode !== f
        ? [`${vmText(vm)}gmem[${f}]=${inode === f ? 'own' : `gmem${inode}`};`]
        : [],
    ),
  ];
}

const vmText = (vm = 0): string => (vm > 0 ? `vm${vm}:` : '');

function slotText({ slot, vm, gfn, npages, file, pgoff }: InitialSlot): string {
  const words = file === undefined ? [gfn, npages] : [gfn, npages, file, pgoff];
  return `${vmText(vm)}slot[${slot}]=(${words.join(', ')});`;
}

function pageText({ index, content, assigned }: InitialPage): string {
  const rmp = assigned === undefined ? '' : ` rmp[${index}]=assigned;`;
  return `filemap[${index}]=${content ?? 'stale'};${rmp}`;
}

/** A huge leaf is written once, at its first gfn. */
const septText =
  (leaf: number) =>
  ({ sept }: InitialPage): string[] => {
    if (!sept || (sept.huge && sept.gfn % leaf !== 0)) return [];
    const state = sept.accepted ? 'mapped' : 'pending';
    return [`sept[${sept.gfn}]=${sept.huge ? `(${state}, 2M)` : state};`];
  };

/** What the test changes of the kernel. */
export const withLines = (changes: readonly Pick<WrittenChange, 'text'>[] = []): string[] =>
  changes.length > 0 ? ['with {', ...changes.map(({ text }) => `  ${text};`), '}'] : [];

function table({ columns }: Scenario): string[] {
  const cells = columns.map((c) => [c.name, ...c.calls.map(callText)]);
  const widths = cells.map((column) => Math.max(...column.map((cell) => cell.length)));
  const rows = Math.max(...cells.map((column) => column.length));
  return Array.from({ length: rows }, (_, row) => {
    const line = cells.map((column, i) => (column[row] ?? '').padEnd(widths[i]!));
    return ` ${line.join(' | ')} ;`;
  });
}

function checkLine({ invariants }: Scenario): string[] {
  const hasDefaults = defaultInvariants.every((id, i) => invariants[i] === id);
  if (!hasDefaults) return [`check only ${invariants.join(' ')}`];
  const more = invariants.slice(defaultInvariants.length);
  return more.length > 0 ? [`check ${more.join(' ')}`] : [];
}
