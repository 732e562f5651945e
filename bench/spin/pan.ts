/** What a run of pan says of itself. */
export interface PanReport {
  /**
   * States stored, each once; without reduction this is the number of states. Above
   * a hundred million pan prints eight digits of it.
   */
  readonly states: number;
  /** Transitions taken; unlike pan, the arrival in the initial state is none. */
  readonly transitions: number;
  readonly errors: number;
  /** pan's own measure of its search. */
  readonly elapsedSeconds: number;
  /** Bytes of a state as it is in use, and as it is stored where pan says that. */
  readonly vectorBytes: number;
  /**
   * All memory but the hash table, whose size is an argument, and the stack, which
   * the depth limit reserves.
   */
  readonly bytes: number;
  /** The search went through all states within its limits of depth and memory. */
  readonly complete: boolean;
  /** What went wrong, in pan's words. */
  readonly complaint: string | undefined;
}

const MEGABYTE = 2 ** 20;

/** Reads pan's output; undefined when it is not that of a search that ended. */
export function readPan(output: string): PanReport | undefined {
  const number = (pattern: RegExp): number | undefined => {
    const found = pattern.exec(output)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const states = number(/^\s*([\d.e+]+) states, stored/m);
  const transitions = number(/^\s*([\d.e+]+) transitions \(/m);
  const errors = number(/errors: (\d+)/);
  const vectorBytes = number(/^State-vector (\d+) byte/m);
  const memory = number(/^\s*([\d.]+)\s+total actual memory usage/m);
  const stack = number(/^\s*([\d.]+)\s+memory used for DFS stack/m) ?? 0;
  const table = number(/^\s*([\d.]+)\s+memory used for hash table/m) ?? 0;
  const elapsedSeconds = number(/elapsed time ([\d.]+) seconds/);
  if (
    states === undefined ||
    transitions === undefined ||
    errors === undefined ||
    vectorBytes === undefined ||
    memory === undefined ||
    elapsedSeconds === undefined
  )
    return undefined;
  return {
    states,
    transitions: transitions - 1,
    errors,
    elapsedSeconds,
    vectorBytes,
    bytes: (memory - stack - table) * MEGABYTE,
    complete: !/Search not completed|max search depth too small|out of memory/.test(output),
    complaint: /^pan:1: (.*)$/m.exec(output)?.[1] ?? /^(error: .*)$/m.exec(output)?.[1],
  };
}
