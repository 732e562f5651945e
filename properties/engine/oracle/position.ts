import { LOCKS, type Program, type Statement } from '../programs/program.js';
import type { Frame } from './state.js';

/** Which step of a statement: most have one. */
export type Part = 'whole' | 'queue' | 'take' | 'try' | 'back off' | 'give' | 'give first';

export type Pending =
  | { do: 'step'; statement: Statement; part: Part; r: number }
  | { do: 'call'; callee: number; arg: number }
  | { do: 'again' }
  | { do: 'return'; r: number };

/** Where a function stands after it was given these values. */
export function pendingOf(p: Program, frame: Frame): Pending {
  const at = { r: frame.arg, used: 0, queues: p.queues === true };
  return walk(p.functions[frame.f]!, frame.given, at) ?? { do: 'return', r: at.r };
}

/** How far a function has been walked, and with which lock. */
interface At {
  r: number;
  used: number;
  readonly queues: boolean;
}

function walk(body: readonly Statement[], given: readonly number[], at: At): Pending | undefined {
  for (const statement of body) {
    const pending = walkOne(statement, given, at);
    if (pending) return pending;
  }
  return undefined;
}

function walkOne(it: Statement, given: readonly number[], at: At): Pending | undefined {
  const known = (): number | undefined => given[at.used++];
  const asStep = (part: Part): Pending => {
    return { do: 'step', statement: it, part, r: at.r };
  };
  const isQueue = (lock: number): boolean => at.queues && lock === LOCKS - 1;
  switch (it.k) {
    case 'if':
      return walk(at.r === it.value ? it.yes : it.no, given, at);
    case 'call': {
      const r = known();
      if (r === undefined) return { do: 'call', callee: it.callee, arg: it.arg };
      at.r = r;
      return undefined;
    }
    case 'backoff': {
      if (isQueue(it.first) && known() === undefined) return asStep('queue');
      if (known() === undefined) return asStep('take');
      const taken = known();
      if (taken === undefined) return asStep('try');
      if (taken === 0) return known() === undefined ? asStep('back off') : { do: 'again' };
      const inside = walk(it.body, given, at);
      if (inside) return inside;
      if (known() === undefined) return asStep('give');
      return known() === undefined ? asStep('give first') : undefined;
    }
    case 'watch':
    case 'hold': {
      if (known() === undefined) return asStep('take');
      const r = known();
      if (r === undefined) return asStep('give');
      at.r = r;
      return undefined;
    }
    case 'with':
    case 'try':
    case 'spin': {
      const waits = it.k === 'with' && !it.shared && isQueue(it.lock);
      if (waits && known() === undefined) return asStep('queue');
      const taken = known();
      if (taken === undefined) return asStep(it.k === 'with' ? 'take' : 'try');
      if (it.k === 'try' && taken === 0) return undefined;
      if (it.k === 'spin' && taken === 0) return { do: 'again' };
      const inside = walk(it.body, given, at);
      if (inside) return inside;
      return known() === undefined ? asStep('give') : undefined;
    }
    default: {
      const observed = known();
      if (observed === undefined) return asStep('whole');
      const isKept = ['load', 'choose', 'retry', 'poll', 'letGo'].includes(it.k);
      if (isKept) at.r = observed;
      return it.k === 'retry' && observed !== it.value ? { do: 'again' } : undefined;
    }
  }
}
