/** Cells hold 0..2; every function has one local, r, that starts as its argument. */
export const CELLS = 2;
export const LOCKS = 2;

export type Statement =
  | { k: 'set'; cell: number; value: number }
  | { k: 'bump'; cell: number }
  | { k: 'load'; cell: number }
  | { k: 'store'; cell: number }
  | { k: 'wait'; cell: number; value: number }
  | { k: 'with'; lock: number; shared: boolean; body: Statement[] }
  | { k: 'try'; lock: number; body: Statement[] }
  | { k: 'choose'; costs: number[] }
  | { k: 'if'; value: number; yes: Statement[]; no: Statement[] }
  | { k: 'call'; callee: number; arg: number }
  | { k: 'retry'; cell: number; value: number }
  /** Waits for a cell, or takes a signal, which costs. */
  | { k: 'poll'; cell: number; value: number; cost: number }
  /** Takes a lock by trying again and again. */
  | { k: 'spin'; lock: number; body: Statement[] }
  /** Takes one lock, then tries the other; gives up both and begins again. */
  | { k: 'backoff'; first: number; body: Statement[] }
  /** Takes a snapshot of a sequence counter, then looks whether it still stands. */
  | { k: 'watch' }
  | { k: 'advance' }
  /** Takes a reference, then drops it: was it the last? */
  | { k: 'hold' }
  /** A reference that belongs to nobody: taken unless it is there, dropped if it is. */
  | { k: 'keep' }
  | { k: 'letGo' };

/** What a random world is about: functions, who calls which, what must hold. */
export interface Program {
  readonly functions: readonly (readonly Statement[])[];
  readonly actors: readonly (readonly number[])[];
  readonly budget: number;
  /** Do readers wait behind writers who wait? Of the second lock. */
  readonly queues?: boolean;
  /** Never both cells at these values. */
  readonly bad: readonly number[];
  readonly condition: {
    readonly quantifier: 'exists' | 'not exists' | 'forall' | 'always' | 'never';
    readonly of: 'result' | 'cell' | 'both';
    readonly value: number;
  };
}

/** Could a reader take a lock again somewhere? Counted without looking at who calls whom. */
export function mayRecurse(p: Program): boolean {
  const shared = (s: Statement): number => {
    if (s.k === 'with') return Number(s.shared) + s.body.reduce((n, b) => n + shared(b), 0);
    if (s.k === 'try' || s.k === 'spin' || s.k === 'backoff')
      return s.body.reduce((n, b) => n + shared(b), 0);
    if (s.k === 'if') return [...s.yes, ...s.no].reduce((n, b) => n + shared(b), 0);
    return 0;
  };
  return p.functions.flat().reduce((n, s) => n + shared(s), 0) > 1;
}
