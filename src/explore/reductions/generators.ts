/**
 * Numbers of permutations that generate all the others of a group: those that
 * no product of earlier ones comes to.
 */
export function generators(group: readonly Int32Array[]): number[] {
  const chosen: number[] = [];
  const reached = new Map<string, Int32Array>();
  group.forEach((permutation, number) => {
    if (reached.has(permutation.join())) return;
    chosen.push(number);
    close(
      reached,
      chosen.map((n) => group[n]!),
    );
  });
  return chosen;
}

/** Adds all products of the generators. */
function close(reached: Map<string, Int32Array>, by: readonly Int32Array[]): void {
  const todo = [by[0]!.map((_, i) => i)];
  reached.clear();
  for (const one of todo)
    for (const generator of by) {
      const product = one.map((i) => generator[i]!);
      const key = product.join();
      if (reached.has(key)) continue;
      reached.set(key, product);
      todo.push(product);
    }
}
