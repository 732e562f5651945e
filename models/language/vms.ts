import { InputError } from '../../src/core/index.js';
import type { Litmus, Place, Value } from '../../src/litmus/ast.js';
import { at } from '../../src/litmus/parse.js';
import type { Call } from '../operations.js';
import type { Vms } from '../state/vms.js';
import type { World0 } from './initial/world.js';

/** What a file says of several VMs: `vms=2; vm1:gmem[1]=gmem0;`, and columns `vm1:vcpu0`. */

/** More would not say more: what concerns another VM concerns the next one, too. */
export const MOST_VMS = 2;

/** What can be a VM's own. */
const OF_VMS = ['attr', 'slot', 'gmem'];

/** Refuses `vmN:` where there is no such VM, or nothing of its own. @throws InputError */
export function checkPrefixes({ initial, columns }: Litmus, vms: number, file: string): void {
  for (const { place } of initial) {
    if (place.vm === undefined) continue;
    if (!OF_VMS.includes(place.name))
      throw new InputError(
        `${at(file, place.at)}: ${place.name} is not a VM's own; expected vm1: before one of ${OF_VMS.join(', ')}`,
      );
    checkVm(place.vm, place, vms, file);
  }
  for (const column of columns) {
    const vm = vmOf(column.name);
    if (vm !== undefined) checkVm(vm, column, vms, file);
  }
}

function checkVm(vm: number, { at: position }: Pick<Place, 'at'>, vms: number, file: string) {
  if (vm > 0 && vm < vms) return;
  const expected = vms === 1 ? `vms=${MOST_VMS} in the initial state` : `vm1: or, for vm0, nothing`;
  throw new InputError(`${at(file, position)}: no VM 'vm${vm}:'; expected ${expected}`);
}

/** The VM that a column's name begins with, if it does. */
export function vmOf(column: string): number | undefined {
  const found = /^vm(\d):/.exec(column);
  return found ? Number(found[1]) : undefined;
}

/** How many guest_memfds the file speaks of. */
export const gmemsNamed = ({ initial }: Litmus): number =>
  Math.max(1, ...initial.map(({ place: p }) => (p.name === 'gmem' ? (p.index ?? 0) + 1 : 1)));

/**
 * Whose each guest_memfd is: vm0's with an inode of its own, unless `vm1:gmem[1]=gmem0`. Of
 * one VM `gmem[1]=gmem0` is another file of the same inode.
 */
export function readFiles(
  { initial }: Litmus,
  count: number,
  vms: number,
  file: string,
): Vms['files'] {
  const files = Array.from({ length: count }, (_, inode) => ({ vm: 0, inode }));
  for (const { place, values } of initial) {
    if (place.name !== 'gmem') continue;
    const { index = 0, vm = vms === 1 ? 0 : undefined } = place;
    if (vm === undefined || index === 0 || index >= count)
      throw new InputError(
        `${at(file, place.at)}: expected ${vms === 1 ? '' : 'vm1:'}gmem[i] with i from 1 to ${count - 1}; the others are vm0's`,
      );
    files[index] = { vm, inode: inodeOf(values[0]!, index, file) };
  }
  files.forEach(({ inode }, f) => {
    const { place } = initial.find(({ place: p }) => p.name === 'gmem' && p.index === f) ?? {};
    if (!place || inode === f) return;
    const isOwn = vms > 1 && files[inode]!.vm === files[f]!.vm;
    if (files[inode]!.inode !== inode || isOwn)
      throw new InputError(
        `${at(file, place.at)}: gmem${f} can be linked to a file ${vms > 1 ? 'of another VM ' : ''}that is no link itself`,
      );
  });
  return files;
}

function inodeOf(value: Value, index: number, file: string): number {
  if (value.text === 'own') return index;
  const found = /^gmem(\d)$/.exec(value.text);
  if (found && Number(found[1]) < index) return Number(found[1]);
  throw new InputError(
    `${at(file, value.at)}: expected own, or the gmemN before it that it is linked to, got '${value.text}'`,
  );
}

/** A memslot id is of one VM. @throws InputError for one that two use. */
export function checkSlots(
  { initial }: World0,
  columns: readonly { readonly name: string; readonly calls: readonly Call[] }[],
  file: string,
): void {
  const owners = new Map(initial.slots.map((s) => [s.slot, s.vm ?? 0]));
  for (const { name, calls } of columns)
    for (const call of calls) {
      if (call.op !== 'KVM_SET_USER_MEMORY_REGION2') continue;
      const { slot, vm = 0 } = call;
      if ((owners.get(slot) ?? vm) !== vm)
        throw new InputError(
          `${file}: slot ${slot} is vm${owners.get(slot)}'s, but column ${name} sets it; ` +
            'expected each VM to have slots of its own',
        );
      owners.set(slot, vm);
    }
}
