import type { Statement } from '../programs/program.js';
import type { Part, Pending } from './position.js';
import type { State } from './state.js';

/** A reader that takes a lock again: the engine refuses such a model. */
export class Misuse extends Error {}

/** Makes an actor's step; what it observes, or that it cannot be made yet. */
export function perform(
  s: State,
  me: number,
  { statement: it, part, r }: Pending & { do: 'step' },
  option: number,
): number | 'blocked' {
  switch (it.k) {
    case 'set':
      s.cells[it.cell] = it.value;
      return 0;
    case 'bump':
      s.cells[it.cell] = (s.cells[it.cell]! + 1) % 3;
      return 0;
    case 'load':
    case 'retry':
      return s.cells[it.cell]!;
    case 'store':
      s.cells[it.cell] = r;
      return 0;
    case 'wait':
      return s.cells[it.cell] === it.value ? 0 : 'blocked';
    case 'choose':
      return option;
    case 'poll':
      return option === 1 || s.cells[it.cell] === it.value ? option : 'blocked';
    case 'with':
    case 'try':
    case 'spin':
    case 'backoff':
      return lockStep(s, me, it, part);
    case 'watch':
    case 'advance':
      return watchStep(s, me, part);
    case 'hold':
    case 'keep':
    case 'letGo':
      return countStep(s, me, it.k, part);
    default:
      throw new Error(`${it.k} is not a step`);
  }
}

function lockStep(
  s: State,
  me: number,
  it: Statement & { k: 'with' | 'try' | 'spin' | 'backoff' },
  part: Part,
): number | 'blocked' {
  const isFirst =
    part === 'queue' || part === 'take' || part === 'back off' || part === 'give first';
  const number = it.k !== 'backoff' ? it.lock : isFirst ? it.first : 1 - it.first;
  const l = s.locks[number]!;
  const shared = it.k === 'with' && it.shared;
  if (part === 'queue') {
    l.queued = [...l.queued, me].toSorted();
    return 0;
  }
  if (part === 'give' || part === 'give first' || part === 'back off') {
    if (shared) l.readers = l.readers.filter((a) => a !== me);
    else l.writer = -1;
    return 0;
  }
  if (shared) {
    if (l.writer !== -1 || l.queued.length > 0) return 'blocked';
    if (l.readers.includes(me)) throw new Misuse();
    l.readers = [...l.readers, me].toSorted();
    return 0;
  }
  const free = l.writer === -1 && l.readers.length === 0;
  if (!free) return part === 'try' ? 0 : 'blocked';
  l.writer = me;
  l.queued = l.queued.filter((a) => a !== me);
  return part === 'try' ? 1 : 0;
}

/** A snapshot dies once it was looked at: nothing asks for it any more. */
function watchStep(s: State, me: number, part: Part): number {
  if (part === 'whole') s.seq = s.seq.map((mine) => (mine === 'same' ? 'old' : mine));
  if (part === 'take') s.seq[me] = 'same';
  if (part !== 'give') return 0;
  const changed = s.seq[me] === 'old';
  s.seq[me] = 'none';
  return Number(changed);
}

function countStep(s: State, me: number, k: 'hold' | 'keep' | 'letGo', part: Part): number {
  const nobody = s.refs.length - 1;
  if (part === 'take') s.refs[me]!++;
  else if (k === 'keep') s.refs[nobody] = 1;
  else if (k === 'hold' || s.refs[nobody]! > 0) {
    s.refs[k === 'hold' ? me : nobody]!--;
    return Number(s.refs.every((count) => count === 0));
  }
  return 0;
}
