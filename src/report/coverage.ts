import { counted } from '../explore/counted.js';
import { cut } from './text.js';
import { wrap } from './wrap.js';

/** What the runs of one protocol's tests reached; the field names are a contract. */
export interface Coverage {
  readonly protocol: string;
  /** Tests that were run under it. */
  readonly tests: number;
  /** Every function that an operation of the protocol can enter. */
  readonly functions: readonly FunctionCoverage[];
}

export interface FunctionCoverage {
  readonly function: string;
  /** File and line of its source in the model. */
  readonly source: string;
  readonly called: boolean;
  /** Why nothing can be said of what was not reached; null where it can. */
  readonly unknown: string | null;
  readonly steps: readonly StepCoverage[];
  /** Constants that its source returns, and whatever else it returned. */
  readonly returns: readonly Outcome[];
}

/** A step, or a call of another function. */
export interface StepCoverage {
  readonly kind: 'step' | 'test' | 'choose' | 'call' | 'again';
  readonly label: string;
  readonly source: string;
  readonly reached: boolean;
  /** Somebody came to it, and could never take it. */
  readonly blocked: boolean;
  /** Why nothing can reach it; null where a test could, or does. */
  readonly never: string | null;
  /** Of a test, true and false; of a choice, its options. */
  readonly outcomes: readonly Outcome[];
  /** The integers that it gave. */
  readonly observed: readonly number[];
  /** Was it seen to wait? null where it never has to. */
  readonly waited: boolean | null;
}

export interface Outcome {
  readonly name: string;
  readonly seen: boolean;
}

/** The table of a protocol and the list of what was never reached. */
export function coverageLines(coverage: Coverage): string[] {
  const { protocol, tests, functions } = coverage;
  if (functions.length === 0)
    return [`coverage of ${protocol}: not known: its source could not be followed`];
  const never = [...functions.flatMap(missedLines), ...uncalledLines(functions)];
  return [
    `coverage of ${protocol}, ${counted(tests, 'test')}`,
    '',
    row('function', 'steps', 'branches', 'returns', 'waits'),
    ...functions.filter((f) => f.called).map((f) => rowOf(f.function, [f])),
    rowOf('all', functions),
    '',
    ...(never.length > 0 ? ['  never:', ...never] : ['  nothing was missed']),
  ];
}

/**
 * One line for each step that nothing reaches: what a battery must not have. A
 * step that one protocol reaches is not asked of others which have inherited its
 * function: what they are asked is what they change. A line names all protocols
 * that it is about.
 */
export function unreachedWarnings(coverage: readonly Coverage[]): string[] {
  const functions = coverage.flatMap((c) => c.functions);
  const reached = new Set(
    functions.flatMap((f) => f.steps.filter((s) => s.reached).map((s) => keyOf(f, s))),
  );
  const protocols = new Map<string, string[]>();
  for (const { protocol, functions: own } of coverage)
    for (const text of own.flatMap((f) => unreachedIn(f, reached))) {
      const ids = protocols.get(text) ?? [];
      protocols.set(text, [...ids, protocol]);
    }
  return [...protocols].map(([text, ids]) => `warning: ${ids.join(' ')}: ${text}`);
}

/** Inherited functions have the same source. */
const keyOf = (f: FunctionCoverage, s: FunctionCoverage['steps'][number]): string =>
  `${f.function} ${s.source} ${s.label}`;

function unreachedIn(f: FunctionCoverage, reached: ReadonlySet<string>): string[] {
  if (f.unknown !== null) return [`${f.function}: coverage is not known: ${f.unknown}`];
  const missed = f.steps.filter((s) => !s.reached && s.never === null && !reached.has(keyOf(f, s)));
  if (!f.called && missed.length > 0) return [`${f.function} is called by no test`];
  return missed.map(
    (s) => `${f.function}: step '${nameOf(s)}' (${s.source}) is reached by no test`,
  );
}

function rowOf(name: string, functions: readonly FunctionCoverage[]): string {
  const steps = functions.flatMap((f) => f.steps);
  const unknown = functions.some((f) => f.unknown !== null);
  const share = (seen: number, all: number): string =>
    all === 0 ? '-' : `${seen}/${all}${unknown ? '+' : ''}`;
  const seen = (outcomes: readonly Outcome[]): string =>
    share(outcomes.filter((o) => o.seen).length, outcomes.length);
  const guarded = steps.filter((s) => s.waited !== null);
  return row(
    name,
    share(steps.filter((s) => s.reached).length, steps.length),
    seen(steps.flatMap((s) => s.outcomes)),
    seen(functions.flatMap((f) => f.returns)),
    share(guarded.filter((s) => s.waited).length, guarded.length),
  );
}

const [NAME, CELL] = [37, 9];

function row(name: string, ...cells: readonly string[]): string {
  return `  ${cut(name, NAME).padEnd(NAME)}${cells.map((c) => c.padStart(CELL)).join('')}`;
}

function missedLines(f: FunctionCoverage): string[] {
  const head = f.source ? `${f.function} (${f.source})` : f.function;
  if (f.unknown !== null) return wrap(`${head}: not known: ${f.unknown}`, '    ', '      ');
  if (!f.called) return [];
  const missed = [
    ...f.steps.flatMap((s) => missedOf(s, f.source)),
    ...f.returns.filter((r) => !r.seen).map((r) => `never returns ${r.name}`),
  ];
  if (missed.length === 0) return [];
  return [...wrap(head, '    '), ...missed.flatMap((text) => wrap(text, '      ', '        '))];
}

function uncalledLines(functions: readonly FunctionCoverage[]): string[] {
  const names = functions.filter((f) => !f.called && f.unknown === null).map((f) => f.function);
  return names.length === 0 ? [] : wrap(`never called: ${names.join(', ')}`, '    ', '      ');
}

function missedOf(step: StepCoverage, source: string): string[] {
  const [file, line] = split(step.source);
  const at = file === split(source)[0] ? `line ${line}` : step.source;
  const text = `${at}: ${nameOf(step)}`;
  if (step.blocked) return [`${text}: never taken, always blocked`];
  if (step.never !== null) return [`${text}: cannot be reached: ${step.never}`];
  if (!step.reached) return [`${text}: never reached`];
  const outcomes = step.outcomes.filter((o) => !o.seen).map((o) => `${text}: never ${o.name}`);
  return step.waited === false ? [...outcomes, `${text}: never waited for`] : outcomes;
}

function split(source: string): [string, string] {
  const colon = source.lastIndexOf(':');
  return [source.slice(0, colon), source.slice(colon + 1)];
}

const nameOf = ({ kind, label }: StepCoverage): string =>
  kind === 'call' || kind === 'again' ? `${label}()` : label;
