/**
 * What is put to both checkers: three families of scenarios, of any size up to
 * three pages and three hosts. A family is a Promela file in this folder and the
 * litmus test that says the same; sizes are the file's #defines and the test's
 * rows and columns.
 */
export interface Family {
  readonly name: string;
  /** Promela file, in this folder. */
  readonly model: string;
  readonly title: string;
  readonly memory: 'sw' | 'snp';
  /** Operation `op` of vCPU `vcpu`, and of a thread that works against it. */
  readonly guest: (vcpu: number, op: number, pages: number) => string;
  readonly host: (op: number, pages: number) => string;
}

/** Sizes of one case. */
export interface Sizes {
  readonly vcpus: number;
  /** Operations of each vCPU. */
  readonly accesses: number;
  readonly pages: number;
  /** Threads that work against the vCPUs. */
  readonly hosts: number;
  /** Operations of each host. */
  readonly changes: number;
}

/** Sizes as names have them: vCPUs x accesses, pages, hosts x changes. */
export const sizesText = ({ vcpus, accesses, pages, hosts, changes }: Sizes): string =>
  `${vcpus}x${accesses}-${pages}-${hosts}x${changes}`;

const write = (vcpu: number, op: number, pages: number): string =>
  `run: write ${(vcpu + op) % pages} ${vcpu + 1}`;

/**
 * Where the folio invariants are at stake: SNP, so that S4 and S5 (what the RMP
 * says of a frame in and out of the filemap) are checked beside S1, S9 and S17.
 */
export const punch: Family = {
  name: 'punch',
  model: 'punch.pml',
  title: 'PUNCH_HOLE of all pages against faults',
  memory: 'snp',
  guest: write,
  host: (_op, pages) => `fallocate(PUNCH_HOLE, 0, ${pages})`,
};

/** Only sw asks the attribute for the kind of an access; S7 is at stake. */
export const attributes: Family = {
  name: 'attributes',
  model: 'attributes.pml',
  title: 'KVM_SET_MEMORY_ATTRIBUTES of all pages, to shared and back, against faults',
  memory: 'sw',
  guest: write,
  host: (op, pages) => `KVM_SET_MEMORY_ATTRIBUTES(0, ${pages}, ${op % 2 === 0 ? '0' : 'PRIVATE'})`,
};

/** SRCU, use after free of the slot (S10) and what pre-fault returns (S16). */
export const slots: Family = {
  name: 'slots',
  model: 'slots.pml',
  title: 'Deletion of the memslot against KVM_PRE_FAULT_MEMORY of all pages',
  memory: 'sw',
  guest: (_vcpu, _op, pages) => `KVM_PRE_FAULT_MEMORY(0, ${pages})`,
  host: () => 'KVM_SET_USER_MEMORY_REGION2(0, 0, 0)',
};

/** 0 .. n-1. */
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The litmus test of a case. */
export function litmusText(family: Family, name: string, sizes: Sizes): string {
  const { vcpus, accesses, pages, hosts, changes } = sizes;
  const columns = [
    ...range(vcpus).map((v) => [
      `vcpu${v}`,
      ...range(accesses).map((op) => family.guest(v, op, pages)),
    ]),
    ...range(hosts).map((h) => [`host${h}`, ...range(changes).map((op) => family.host(op, pages))]),
  ];
  const width = columns.map((column) => Math.max(...column.map((cell) => cell.length)));
  const height = Math.max(...columns.map((column) => column.length));
  const rows = range(height).map((row) =>
    columns.map((column, i) => (column[row] ?? '').padEnd(width[i]!)).join(' | '),
  );
  const attributes = range(pages).map((gfn) => `attr[${gfn}]=private;`);
  return [
    `gmem ${name}`,
    `"${family.title}"`,
    `{ memory=${family.memory}; pages=${pages}; ${attributes.join(' ')} }`,
    ...rows.map((row) => ` ${row} ;`),
    '',
  ].join('\n');
}
