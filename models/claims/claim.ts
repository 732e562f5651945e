/** What one test says under one protocol, where it is foretold. */
export interface Check {
  readonly test: string;
  /** The property that breaks; undefined = the test holds. */
  readonly breaks: string | undefined;
  /** Asked under this protocol or mutation (`H1~id`), whichever the claim is asked of. */
  readonly under: string | undefined;
}

export const VERDICTS = ['confirmed', 'conditional', 'refuted', 'answered', 'undecided'] as const;
export type Verdict = (typeof VERDICTS)[number];

interface Stated {
  readonly id: string;
  /** In our own words; a question ends in a question mark. */
  readonly statement: string;
  /** Where it says so: a commit, or a message to the list. */
  readonly source: string;
}

/** A statement that tests decide. */
export interface Decidable extends Stated {
  readonly kind: 'claim';
  /** The versions that it speaks of; others are asked as well where the tests allow. */
  readonly of: readonly string[];
  /** What comes out if it is true as it stands. */
  readonly asWritten: readonly Check[];
  /** What comes out besides if it is true under a condition only. */
  readonly provided?: { readonly condition: string; readonly checks: readonly Check[] };
  /** What came out when it was last looked at: another verdict is news. */
  readonly onRecord: Verdict;
  /** What a reader has to know to read the verdict right. */
  readonly note?: string;
}

/** An open question, with an answer that tests bear out, sentence by sentence. */
export interface Question extends Stated {
  readonly kind: 'question';
  readonly of: readonly string[];
  readonly answer: readonly { readonly text: string; readonly checks: readonly Check[] }[];
  readonly note?: string;
}

export type Claim = Decidable | Question;

/** The test holds. */
export const holds = (test: string, under?: string): Check => ({ test, breaks: undefined, under });

/** The test breaks this property, and none before it. */
export const breaks = (property: string, test: string, under?: string): Check => ({
  test,
  breaks: property,
  under,
});
