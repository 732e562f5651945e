import type { KernelState } from '../kernel.js';
import type { GmemFile, Inode, Kvm, RmpEntry } from './structs.js';

/** Who is who in a world of several VMs. */
export interface Vms {
  readonly count: number;
  /** Of each guest_memfd its VM, and the file whose inode it is on: its own, or one that it links. */
  readonly files: readonly { readonly vm: number; readonly inode: number }[];
  /** Has the one taken the other's ASID over, as intra-host migration does? */
  readonly sameAsid: boolean;
}

/** One VM has all files, each with an inode of its own. */
export const oneVm = (files: number): Vms => ({
  count: 1,
  files: Array.from({ length: files }, (_, inode) => ({ vm: 0, inode })),
  sameAsid: false,
});

/** Has some inode more than one file? */
export const isLinked = ({ files }: Vms): boolean => files.some(({ inode }, f) => inode !== f);

/** file_inode() */
export const file_inode = (k: KernelState, file: GmemFile): Inode =>
  k.inodes[k.shape.vms.files[k.files.indexOf(file)]!.inode]!;

/** The files of an inode, open or not, the newest first: list_add() puts it at the head. */
export const filesOf = (k: KernelState, inode: Inode): GmemFile[] =>
  k.files.filter((file) => file_inode(k, file) === inode).toReversed();

/** A number for each gfn of each VM: of the host page behind it, and of ghosts. */
export const gfnOfVm = (k: KernelState, kvm: Kvm, gfn: number): number =>
  k.kvms.indexOf(kvm) * k.shape.gfns + gfn;

/** The ASID of an SNP guest. */
export const asidOf = (k: KernelState, kvm: Kvm): number =>
  k.shape.vms.sameAsid ? 0 : k.kvms.indexOf(kvm);

/** Is an RMP entry that is assigned this guest's? Where there is one, it is. */
export const isOwn = (k: KernelState, { asid }: RmpEntry, kvm: Kvm): boolean =>
  asid.length === 0 || asid.load(0) === asidOf(k, kvm);
