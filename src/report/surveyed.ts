import type { SurveyResult } from './survey-result.js';
import { wrap } from './wrap.js';

/** What is said besides the result. */
interface Beside {
  readonly time?: number | undefined;
  /** Was the protocol one that nobody has named? */
  readonly isByDefault?: boolean;
}

/** An answer in herd7's words, its run and what to do next not among them. */
export function surveyLines(
  result: SurveyResult,
  { time, isByDefault = false }: Beside = {},
): string[] {
  const { test, kind, outcomes, positive, negative, observation, condition, over } = result;
  const ok = { true: 'Ok', false: 'No', null: 'Undecided' }[String(result.ok)]!;
  return [
    `Test ${test} ${kind}`,
    ...wrap(
      `Protocol ${result.protocol}, memory ${result.memory}` +
        (isByDefault ? ' (the newest release, as the test names none)' : ''),
      '',
      '  ',
    ),
    `States ${outcomes.length}${over === 'all' ? ' (of all states, not only final ones)' : ''}`,
    ...histogram(result),
    ...(result.bound ? wrap(`${result.bound}: of what was visited`, '', '  ') : []),
    ok,
    'Witnesses',
    `Positive: ${positive} Negative: ${negative}`,
    ...result.flags.map((flag) => `Flag ${flag}`),
    ...wrap(`Condition ${condition}`, '', '  '),
    `Observation ${test} ${observation} ${positive} ${negative}`,
    ...expected(result),
    ...(time === undefined ? [] : [`Time ${test} ${time.toFixed(2)}`]),
    `Hash=${result.hash}`,
  ];
}

/** As litmus7 has it: how many, a star for those that the condition is about, and what they show. */
function histogram({ outcomes }: SurveyResult): string[] {
  const width = Math.max(0, ...outcomes.map((o) => String(o.count).length));
  return outcomes.flatMap(({ count, holds, values }) => {
    const mark = holds ? '*>' : ':>';
    const first = `${String(count).padStart(width)} ${mark}`;
    const text = Object.entries(values)
      .map(([name, value]) => `${name}=${value};`)
      .join(' ');
    const indent = ' '.repeat(first.length + 1);
    const [line, ...more] = wrap(text, indent);
    return [`${first}${line!.slice(first.length)}`.trimEnd(), ...more];
  });
}

function expected({ expectation }: SurveyResult): string[] {
  if (!expectation) return [];
  const { text, met } = expectation;
  const says = met === null ? 'not decided' : met ? 'as expected' : 'NOT AS EXPECTED';
  return wrap(`Expect ${text}: ${says}`, '', '  ');
}

/** A line for each protocol: what a test says of all of them. */
export function tableLines(
  name: string,
  rows: readonly { readonly protocol: string; readonly result: SurveyResult | string }[],
): string[] {
  const width = Math.max(...rows.map((r) => r.protocol.length));
  return [
    `Test ${name}`,
    ...rows.flatMap(({ protocol, result }) => {
      const head = `  ${protocol.padEnd(width)}  `;
      if (typeof result === 'string')
        return wrap(`-  ${result}`, head, ' '.repeat(head.length + 3));
      const { observation, positive, negative, flags, bound } = result;
      const ok = { true: 'Ok', false: 'No', null: 'Undecided' }[String(result.ok)]!;
      const counts = `${positive} ${negative}`;
      const notes = [...flags.map((f) => `Flag ${f}`), ...(bound ? [bound] : [])].join(', ');
      const columns = `${ok.padEnd(9)}  ${observation.padEnd(9)}  ${counts}`;
      return [`${head}${columns.padEnd(notes ? 36 : 0)}${notes ? `  ${notes}` : ''}`.trimEnd()];
    }),
  ];
}
