/** States that look the same to the condition. */
export interface Outcome {
  readonly values: Readonly<Record<string, string>>;
  readonly count: number;
  /** Do they satisfy the condition? null where some do and some do not. */
  readonly holds: boolean | null;
}

/** One test under one protocol in herd7's terms; the field names are a contract. */
export interface SurveyResult {
  readonly test: string;
  readonly title: string;
  readonly protocol: string;
  readonly memory: string;
  readonly kind: 'Allowed' | 'Forbidden' | 'Required';
  /** Which states are counted: final ones, or all. */
  readonly over: 'final' | 'all';
  readonly outcomes: readonly Outcome[];
  readonly positive: number;
  readonly negative: number;
  readonly observation: 'Never' | 'Sometimes' | 'Always' | 'Undecided';
  /** null where a bound was hit before that was known. */
  readonly ok: boolean | null;
  /** Invariants that are broken on the way, and `deadlock`. */
  readonly flags: readonly string[];
  readonly condition: string;
  readonly states: number;
  readonly transitions: number;
  readonly bound: string | null;
  /** Of the run that is shown. */
  readonly steps: number | null;
  readonly token: string | null;
  /** What the file says comes of it, and if `check` agrees; null where it says nothing. */
  readonly expectation: { readonly text: string; readonly met: boolean | null } | null;
  readonly hash: string;
  /** Seconds, where that was asked for. */
  readonly time?: number;
}
