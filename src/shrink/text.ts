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
  readonly why: Why;
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
    diagramOf({ result, test, built, trace, lasso: undefined }, isFlat).trimEnd(),
    '',
    ...whyLines(why),
    ...(prevention ? ['', ...hintLines(prevention)] : []),
    ...replayLines(tokenOf(shrunk)),
    '',
  ].join('\n');
}

/** What was proven, and what was not. */
export function proofLines(shrunk: Shrunk): string[] {
  const { schedule, preemptions, shortest, open, needed, removed, scenarios } = shrunk;
  const run = runText(schedule.length, preemptions);
  const shorter =
    shortest < schedule.length
      ? `; the shortest has ${counted(shortest, 'step')}, and more of them`
      : '';
  const least =
    needed.length > 0
      ? `without any one of ${orList(needed)} nothing of it is left`
      : 'there is nothing that could be taken away';
  const proof =
    open.length === 0
      ? `proven minimal: no run has fewer preemptions, none of these fewer steps${shorter}; ` +
        `and ${least}`
      : `not proven minimal: a bound was hit without ${orList(open)}`;
  return [
    ...wrap(`${run}; ${proof}`, '    '),
    ...wrap(
      removed.length > 0 ? `removed: ${removed.join(', ')}` : 'nothing could be removed',
      '    ',
    ),
    ...wrap(`${counted(scenarios, 'scenario')} searched, each with all its runs`, '    '),
  ];
}

const orList = (names: readonly string[]): string =>
  names.join(', ').replace(/, (?=[^,]*$)/, ' or ');

/** The same for machines. */
export function shrunkJson(shrunk: Shrunk, { why, prevention }: Explained): object {
  const { asked, least, schedule, preemptions, shortest, open, needed, removed } = shrunk;
  return {
    test: least.test.name,
    protocol: asked.named.protocol.id,
    memory: least.test.scenario.memory,
    property: asked.property,
    minimal: open.length === 0 ? 'proven' : 'not proven',
    steps: schedule.length,
    preemptions,
    shortest,
    litmus: shrunk.text,
    token: tokenOf(shrunk),
    removed,
    needed,
    open,
    scenarios: shrunk.scenarios,
    why: {
      depth: why.needed.length,
      orders: why.needed.map(({ before, after }) => ({ before, after })),
      enough: why.isEnough ?? null,
      flipped: why.flipped,
      open: why.open,
    },
    ...(prevention && { hints: prevention.hints, changesTried: prevention.tried }),
  };
}
