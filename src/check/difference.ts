import type { Protocol } from '../../models/protocol.js';
import { stepsOfEach, type Item } from './steps.js';

/** A function that two protocols do not have in common. */
export interface FunctionDifference {
  readonly fn: string;
  /** Its source and its own steps on either side; undefined where it is not there. */
  readonly left: Body | undefined;
  readonly right: Body | undefined;
}

export interface Body {
  readonly source: string;
  /** Steps and calls, in order, as far as tests come; none where none comes to it. */
  readonly steps: readonly string[];
}

/** What differs from one protocol to another, by the names of functions. */
export function differences(left: Protocol, right: Protocol): FunctionDifference[] {
  const names = [...new Set([...Object.keys(left.functions), ...Object.keys(right.functions)])];
  const changed = names.filter((n) => left.functions[n] !== right.functions[n]).toSorted();
  if (changed.length === 0) return [];
  const [a, b] = [stepsOfEach(left), stepsOfEach(right)];
  return changed.map((fn) => ({ fn, left: bodyOf(left, fn, a), right: bodyOf(right, fn, b) }));
}

function bodyOf(protocol: Protocol, fn: string, steps: Map<string, Item[]>): Body | undefined {
  const found = protocol.functions[fn];
  if (!found) return undefined;
  const { file, version } = found.source;
  return { source: `${file}, ${version}`, steps: (steps.get(fn) ?? []).map(textOf) };
}

const textOf = ({ kind, label, options }: Item): string => {
  if (kind === 'call') return `${label}()`;
  return options.length > 0 ? `${label} /* or: ${options.join(', ')} */` : label;
};
