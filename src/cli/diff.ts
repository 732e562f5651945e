import { differences, type FunctionDifference } from '../check/difference.js';
import { refuseIdle } from '../check/effect.js';
import { findProtocol } from '../check/protocols.js';
import { committedTests } from '../check/tests.js';
import { counted } from '../explore/counted.js';
import { sideBySide } from '../report/side-by-side.js';
import { wrap } from '../report/wrap.js';
import { OK, type Out } from './options.js';

/** `gmemcheck diff A B`. @returns the exit status. @throws InputError */
export async function runDiff(
  names: readonly [string, string],
  args: { readonly json?: boolean },
  out: Out,
): Promise<number> {
  const named = [await findProtocol(names[0]), await findProtocol(names[1])] as const;
  for (const each of named) refuseIdle(each, committedTests());
  const [left, right] = [named[0].protocol, named[1].protocol];
  const found = differences(left, right);
  if (args.json) {
    out(`${JSON.stringify({ left: left.id, right: right.id, functions: found }, null, 2)}\n`);
    return OK;
  }
  out(`${[...wrap(`left:  ${left.id}: ${left.title}`, '', '       ')].join('\n')}\n`);
  out(`${[...wrap(`right: ${right.id}: ${right.title}`, '', '       ')].join('\n')}\n`);
  for (const each of found) out(`\n${section(each).join('\n')}\n`);
  out(`\n${counted(found.length, 'function')} differ${found.length === 1 ? 's' : ''}\n`);
  if (found.length > 0) out(`To see where it shows:\n  npx gmemcheck matrix ${names.join(' ')}\n`);
  return OK;
}

function section({ fn, left, right }: FunctionDifference): string[] {
  const lines = [`${fn}()`];
  if (left) lines.push(...wrap(left.source, '  left:  ', '         '));
  if (right) lines.push(...wrap(right.source, '  right: ', '         '));
  if (!left) lines.push('  only on the right');
  if (!right) lines.push('  only on the left');
  const [a, b] = [left?.steps ?? [], right?.steps ?? []];
  if (a.length + b.length === 0) return [...lines, '  (no committed test comes to it)'];
  const isSame = a.length === b.length && a.every((line, i) => line === b[i]);
  if (isSame)
    return [...lines, '  (the same steps, as far as they can be told: what they do differs)'];
  return [...lines, '', ...sideBySide(a, b)];
}
