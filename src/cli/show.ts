import { entries } from '../../models/operations.js';
import type { Protocol } from '../../models/protocol.js';
import { findProtocol } from '../check/protocols.js';
import { stepsOf, type Item } from '../check/steps.js';
import { InputError } from '../core/errors.js';
import { nearest } from '../nearest.js';
import { wrap } from '../report/wrap.js';
import { OK, type Out } from './options.js';
import { LOCKS, runShowLocks } from './show-locks.js';

interface Line {
  readonly number: number | undefined;
  readonly depth: number;
  readonly text: string;
  readonly holds: readonly string[];
  readonly source: string | undefined;
}

/** `gmemcheck show FLOW|locks`. @returns the exit status. @throws InputError */
export async function runShow(
  flow: string,
  args: { readonly protocol: string; readonly json?: boolean },
  out: Out,
): Promise<number> {
  if (flow === LOCKS) return runShowLocks(args, out);
  const { protocol } = await findProtocol(args.protocol);
  const name = functionOf(flow, protocol);
  const steps = stepsOf(protocol, name);
  if (!steps.has(name))
    throw new InputError(`no committed test reaches ${name}() under ${protocol.id}`);
  const lines = expand(name, steps, protocol);
  if (args.json) out(`${JSON.stringify({ flow, protocol: protocol.id, steps: lines }, null, 2)}\n`);
  else out(render(flow, protocol, lines));
  return OK;
}

/** An operation's entry, or a function by its own name. */
function functionOf(flow: string, protocol: Protocol): string {
  const entry = Object.entries(entries).find(([name]) => name === flow);
  if (entry) return entry[1].enters;
  if (Object.hasOwn(protocol.functions, flow)) return flow;
  const known = [LOCKS, ...Object.keys(entries), ...Object.keys(protocol.functions)];
  throw new InputError(
    `no flow '${flow}' in ${protocol.id}${nearest(flow, known)}; ` +
      `expected an operation ('gmemcheck list flows'), a kernel function, or '${LOCKS}'`,
  );
}

/** Calls are followed where they first appear. */
function expand(name: string, steps: Map<string, Item[]>, protocol: Protocol): Line[] {
  const lines: Line[] = [];
  const seen = new Set<string>();
  let number = 0;
  const visit = (fn: string, depth: number): void => {
    const known = seen.has(fn);
    seen.add(fn);
    lines.push({
      number: undefined,
      depth,
      text: known ? `${fn}() /* as above */` : `${fn}()`,
      holds: [],
      source: known ? undefined : sourceOf(fn, protocol),
    });
    if (known) return;
    for (const item of steps.get(fn) ?? []) {
      if (item.kind === 'call') visit(item.label, depth + 1);
      else
        lines.push({
          number: ++number,
          depth: depth + 1,
          text: item.options.length
            ? `${item.label} /* or: ${item.options.join(', ')} */`
            : item.label,
          holds: item.held.map((r) => (r.mode === 'shared' ? `${r.class} (shared)` : r.class)),
          source: undefined,
        });
    }
  };
  visit(name, 0);
  return lines;
}

function sourceOf(fn: string, protocol: Protocol): string | undefined {
  const source = protocol.functions[fn]?.source;
  return source && `${source.file}, ${source.version}`;
}

function render(flow: string, protocol: Protocol, lines: readonly Line[]): string {
  const text = [...wrap(`${flow} under ${protocol.id}: ${protocol.title}`), ''];
  let held = '';
  for (const line of lines) {
    const indent = ' '.repeat(5 + line.depth);
    const holds = line.holds.join(', ') || 'nothing';
    if (line.number !== undefined && holds !== held) {
      text.push(...wrap(`-- holds ${holds}`, indent, `${indent}   `));
      held = holds;
    }
    const first = `${String(line.number ?? '').padStart(4)}${' '.repeat(1 + line.depth)}`;
    text.push(...wrap(line.text, first, `${indent}    `));
    if (line.source) text.push(...wrap(`/* ${line.source} */`, `${indent}  `, `${indent}  `));
  }
  return `${text.join('\n')}\n`;
}
