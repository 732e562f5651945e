/**
 * Hash of a state: the exclusive or of one mixed word per component, so that
 * a move, which changes the memory and one node, updates it in constant time.
 */
export function hashRow(row: Int32Array): number {
  let h = hashMemory(row[0]!);
  for (let i = 1; i < row.length; i++) h ^= hashNode(row[i]!);
  return h;
}

export function hashMemory(memory: number): number {
  return mix(memory ^ 0x5bd1e995);
}

/** Node numbers are unique across actors, so position need not be hashed. */
export function hashNode(node: number): number {
  return mix(Math.imul(node + 1, 0x27d4eb2f));
}

function mix(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}
