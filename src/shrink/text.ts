import { traceOf } from '../core/trace.js';
import { diagramOf } from '../check/diagram.js';
import { runToken } from '../check/subject.js';
import { testOf } from './draft.js';
import { counted } from '../explore/counted.js';
import { replayLines, runText } from '../report/verdicts.js';
import { wrap } from '../report/wrap.js';
import type { Why } from './why.js';
import { hintLines, whyLines } from './why-text.js';
import type { Prevention } from './prevent.js';
import { expectationIn, type Shrunk } from './shrink.js';

/** What is known of a counterexample beyond that it is least. */
export interface Explained {
  readonly why: Why | undefined;
  /** Where it was asked for. */
  readonly prevention?: Prevention | undefined;
}

/** The token of the least run. */
export function tokenOf(shrunk: Shrunk): string {
  const { draft, asked, least, schedule } = shrunk;
  const { named } = asked;
  const test = testOf(draft, named.protocol.own, expectationIn(shrunk));
  return runToken(test, named, least.test.scenario.memory, schedule);
}

/** Everything about it for people; every line fits a mail but those of the file and the token. */
export function shrunkText(shrunk: Shrunk, { why, prevention }: Explained, isFlat = false): string {
  const { asked, least, schedule, text } = shrunk;
  const { test, built, machine } = least;
  const trace = traceOf(machine, schedule);
  const isWitness = built.world.condition?.quantifier === 'exists';
  const result = {
    verdict: isWitness ? 'holds' : 'violated',
    property: isWitness ? null : asked.property,
  } as const;
  return [
    `${test.name}  ${asked.named.protocol.id}  ${test.scenario.memory}  ` +
      (isWitness ? 'witness' : `violated: ${asked.property}`),
    ...proofLines(shrunk),
    '',
    text.trimEnd(),
    '',
    diagramOf({ result, test, built, trace, lasso: shrunk.lasso }, isFlat).trimEnd(),
    ...(why ? ['', ...whyLines(why, isWitness)] : []),
    ...(prevention ? ['', ...hintLines(prevention)] : []),
    ...replayLines(tokenOf(shrunk)),
    '',
  ].join('\n');
}

/** Is nothing about it open? */
export const isProven = ({ isLeast, open }: Shrunk): boolean => isLeast && open.length === 0;

/** What was proven, and what was not. */
export function proofLines(shrunk: Shrunk): string[] {
  const { schedule, preemptions, removed, scenarios, executions, lasso } = shrunk;
  const run = lasso ? counted(schedule.length, 'step') : runText(schedule.length, preemptions);
  const proof = isProven(shrunk) ? 'proven minimal' : 'not proven minimal';
  const before = executions > 0 ? `${counted(executions, 'execution')} of a run; ` : '';
  return [
    ...wrap(`${run}; ${proof}: ${provenText(shrunk)}`, '    '),
    ...wrap(
      removed.length > 0 ? `removed: ${removed.join(', ')}` : 'nothing could be removed',
      '    ',
    ),
    ...wrap(`${before}${counted(scenarios, 'scenario')} searched, each with all its runs`, '    '),
  ];
}

function provenText(shrunk: Shrunk): string {
  const { needed, others, open } = shrunk;
  const parts = [
    leastText(shrunk),
    ...(open.length > 0 ? [`a bound was hit without ${orList(open)}`] : []),
    ...(needed.length > 0 ? [`without any one of ${orList(needed)} nothing of it is left`] : []),
    ...(others.length > 0
      ? [`without any one of ${orList(others)} the condition is another question`]
      : []),
  ];
  if (parts.length === 1) parts.push('there is nothing that could be taken away');
  return parts.join('; ');
}

/** What is known of the run alone. */
function leastText({ isLeast, lasso, shortest, schedule }: Shrunk): string {
  if (!isLeast) return 'a bound was hit in search of a smaller run';
  if (lasso) return 'no way to where this is so has fewer steps';
  const least = 'no run has fewer preemptions, none of these fewer steps';
  return shortest !== undefined && shortest < schedule.length
    ? `${least}; the shortest has ${counted(shortest, 'step')}, and more of them`
    : least;
}

const orList = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** The same for machines. */
export function shrunkJson(shrunk: Shrunk, { why, prevention }: Explained): object {
  const { asked, least, schedule, preemptions, shortest, open, needed, others, removed } = shrunk;
  return {
    test: least.test.name,
    protocol: asked.named.protocol.id,
    memory: least.test.scenario.memory,
    property: asked.property,
    minimal: isProven(shrunk) ? 'proven' : 'not proven',
    steps: schedule.length,
    preemptions,
    shortest: shortest ?? null,
    litmus: shrunk.text,
    token: tokenOf(shrunk),
    removed,
    needed,
    others,
    open,
    scenarios: shrunk.scenarios,
    executions: shrunk.executions,
    why: why
      ? {
          depth: why.needed.length,
          orders: why.needed.map(({ before, after }) => ({ before, after })),
          twins: why.twins ?? null,
          enough: why.isEnough ?? null,
          flipped: why.flipped,
          open: why.open,
          noReturn: why.noReturn ?? null,
        }
      : null,
    ...(prevention && {
      hints: prevention.hints.map(({ fn, text }) => ({ fn, text })),
      changesTried: prevention.tried,
    }),
  };
}
