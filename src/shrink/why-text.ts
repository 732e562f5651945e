import { counted } from '../explore/counted.js';
import { wrap } from '../report/wrap.js';
import type { StepName } from './dependent.js';
import type { Prevention } from './prevent.js';
import type { NoReturn, Taken } from './flips-of-progress.js';
import type { Needed, Why } from './why.js';

/** Lines about orders that are printed at most. */
const MOST = 5;

/** Why it breaks, or why there is a witness, in a few lines, with the depth of the bug. */
export function whyLines(why: Why, isWitness = false): string[] {
  const { needed, twins, isEnough, flipped, open, noReturn } = why;
  const rest = `${counted(flipped, 'order')} turned round${open > 0 ? `, ${open} not decided` : ''}`;
  const lost = noReturn ? noReturnLines(noReturn) : [];
  if (needed.length === 0)
    return [...wrap(`Why: no order of two steps is needed for it (${rest}).`, '', '  '), ...lost];
  const said = orderTexts(needed);
  const [is, be] = isWitness ? ['is a witness', 'be one'] : ['breaks it', 'break it'];
  const enough = isEnough
    ? `and every run with these orders ${is}`
    : `though a run with these orders need not ${be}`;
  const either = twins ? `, or the same with ${twins.join(' and ')} exchanged,` : '';
  const tail = isEnough === undefined ? '' : `; ${enough}`;
  return [
    ...wrap(
      `Why: no run without these orders${either} ${is}${tail}. Bug depth ${needed.length} (${rest}):`,
    ),
    ...said.slice(0, MOST).flatMap((text) => wrap(text, '  ', '    ')),
    ...(said.length > MOST ? [`  and ${said.length - MOST} more`] : []),
    ...lost,
  ];
}

/** The step that nobody can be rescued from, and what would have been no such step. */
function noReturnLines(noReturn: NoReturn | 'start'): string[] {
  if (noReturn === 'start') return ['Not everybody can finish, whatever is done first.'];
  const { step, number, instead } = noReturn;
  const other = instead.map(takenText).join(', or ');
  return wrap(
    `Not everybody can finish behind step ${number}, ${takenText(step)}; ` +
      `in its place, ${other} leaves that open.`,
  );
}

const takenText = (taken: Taken): string =>
  `${taken.column}: ${stepText(taken)}${taken.option && ` /* ${taken.option} */`}`;

/** What is both behind a step and before another one of the same actor is inside. */
export function orderTexts(needed: readonly Needed[]): string[] {
  const left = [...needed];
  const texts: string[] = [];
  for (let first = left.shift(); first; first = left.shift()) {
    const at = left.findIndex((n) => isAround(first!, n));
    const second = at < 0 ? undefined : left.splice(at, 1)[0]!;
    texts.push(second ? insideText(first, second) : beforeText(first));
  }
  return texts;
}

const isAround = (first: Needed, second: Needed): boolean =>
  first.before.column === second.after.column &&
  first.after.column === second.before.column &&
  first.pair.after <= second.pair.before;

function insideText(first: Needed, second: Needed): string {
  const { column } = first.after;
  const inner =
    first.pair.after === second.pair.before
      ? `${column}: ${stepText(first.after)}`
      : `${column}: [${stepText(first.after)}, ${stepText(second.before)}]`;
  const { column: outer } = first.before;
  return `${inner}  inside  [${outer}: ${stepText(first.before)}, ${stepText(second.after)}]`;
}

const beforeText = ({ before, after }: Needed): string =>
  `${before.column}: ${stepText(before)}  before  ${after.column}: ${stepText(after)}`;

/** `kvm_faultin_pfn: read_lock(...)`: with the function where the label does not tell. */
const stepText = ({ fn, label, isUnique }: StepName): string =>
  isUnique ? label : `${fn}: ${label}`;

/** What would prevent it, each with the word that it is a hint. */
export function hintLines({ hints, tried }: Prevention): string[] {
  const all = `${counted(tried, 'single change')} tried`;
  if (hints.length === 0)
    return wrap(`Hint: nothing that was tried prevents it in this scenario (${all}).`);
  return [
    ...wrap(`Hint: in this scenario, each of these alone would prevent it (${all}):`),
    ...hints.slice(0, MOST).flatMap(({ text }) => wrap(text, '  ', '    ')),
    ...(hints.length > MOST ? [`  and ${hints.length - MOST} more`] : []),
  ];
}
