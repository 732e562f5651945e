import type { Litmus } from '../litmus/ast.js';
import { assignmentText, changeText } from '../litmus/print.js';
import { wrap } from './wrap.js';

/** A test as a reader of mail sees it: what there is, who does what, what is asked. */
export function questionLines(litmus: Litmus): string[] {
  const widest = Math.max(...litmus.columns.map((c) => c.name.length));
  const indent = ' '.repeat(widest + 4);
  return [
    ...wrap(litmus.title),
    ...wrap(`{ ${litmus.initial.map(assignmentText).join(' ')} }`, '  ', '    '),
    ...litmus.changes.flatMap((c) => wrap(`with { ${changeText(c)} }`, '  ', '    ')),
    ...litmus.columns.flatMap(({ name }, i) =>
      litmus.programs[i]!.flatMap((op, n) => {
        const first = n === 0 ? `  ${name.padEnd(widest)}  ` : indent;
        return wrap(op.text, first, `${indent}  `);
      }),
    ),
    ...askedLines(litmus),
  ];
}

function askedLines(litmus: Litmus): string[] {
  const checks = litmus.checks.map((c) => c.text).join(' ');
  const only = litmus.checksOnly ? 'only ' : '';
  return [
    ...(checks ? wrap(`check ${only}${checks}`, '  ', '    ') : []),
    ...(litmus.condition ? wrap(litmus.condition.text, '  ', '    ') : []),
  ];
}
