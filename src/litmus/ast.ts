/** A place in a litmus file, for messages; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A word, a number or an error name, as it stands in the file. */
export interface Value {
  readonly text: string;
  /** Its number, where it is one; `-EAGAIN` is -11. */
  readonly number: number | undefined;
  readonly at: Position;
}

/** `name`, `name[index]` in an initial state or a condition; before it perhaps `vmN:`. */
export interface Place {
  readonly vm: number | undefined;
  readonly name: string;
  readonly index: number | undefined;
  readonly at: Position;
}

/** `place=value` or `place=(v, v, ...)`. */
export interface Assignment {
  readonly place: Place;
  readonly values: readonly Value[];
}

/** `name(args)`, or `name: word args` for what a guest does. */
export interface OperationText {
  readonly name: string;
  readonly args: readonly Value[];
  readonly text: string;
  readonly at: Position;
}

/** `column@name`, `column@function:label`: a step, or a call, of a column. */
export interface Event {
  readonly column: Value;
  /** A function, or what the label of a step begins with. */
  readonly name: Value;
  /** What the label of a step of that function begins with. */
  readonly label: Value | undefined;
}

/** `event -> event -> ...`, or `event during event`. */
export interface OrderText {
  readonly kind: 'sequence' | 'during';
  readonly events: readonly Event[];
}

export type Expression =
  | { readonly kind: 'order'; readonly order: OrderText }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly of: Expression }
  /** A comparison; a bare place means that it is not zero. */
  | {
      readonly kind: 'compare';
      readonly actor: string | undefined;
      readonly place: Place;
      readonly relation: '=' | '!=' | '<' | '>' | '<=' | '>=' | undefined;
      readonly value: Value | undefined;
    };

/** One line of `with { ... }`: a difference from the protocol. */
export interface Change {
  readonly does: 'drop' | 'skip' | 'swap' | 'move';
  /** Unless given, the one that has these steps. */
  readonly fn: Value | undefined;
  /** Steps or calls of that function; none for `skip`. */
  readonly labels: readonly Value[];
  /** What is dropped or skipped gives instead. */
  readonly gives: readonly Value[];
  readonly text: string;
  readonly at: Position;
}

export type Quantifier = 'exists' | 'not exists' | 'forall' | 'always' | 'never';

/** `expect P3 6.12: violated S4s in 33 steps, 2 preemptions`. */
export interface Expectation {
  readonly protocols: readonly Value[];
  readonly verdict: 'violated' | 'holds';
  readonly property: Value | undefined;
  /** Of the shortest run. */
  readonly steps: number | undefined;
  /** The fewest that any run has; not of the shortest one. */
  readonly preemptions: number | undefined;
  readonly at: Position;
}

/** A litmus file, before its words are given their meaning. */
export interface Litmus {
  readonly name: string;
  readonly title: string;
  readonly initial: readonly Assignment[];
  readonly changes: readonly Change[];
  readonly columns: readonly { readonly name: string; readonly at: Position }[];
  /** One list of operations per column, top to bottom. */
  readonly programs: readonly (readonly OperationText[])[];
  /** Invariants to check beyond the default ones. */
  readonly checks: readonly Value[];
  /** `check only`: those and no others. */
  readonly checksOnly: boolean;
  readonly condition:
    | {
        readonly quantifier: Quantifier;
        readonly expression: Expression;
        readonly text: string;
        readonly at: Position;
      }
    | undefined;
  readonly expectations: readonly Expectation[];
}
