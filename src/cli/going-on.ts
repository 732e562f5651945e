import { counted } from '../explore/counted.js';
import { wrap } from '../report/wrap.js';

/** What a run has come to that ends with tests unanswered. */
export interface Ended {
  readonly answered: number;
  readonly tests: number;
  readonly isInterrupted: boolean;
  /** The arguments of the command. */
  readonly typed: readonly string[];
  /** Was there a folder to save in? */
  readonly isKept: boolean;
  /** Why its searches are not saved, whatever becomes of them. */
  readonly never: string | undefined;
  /** Why some were not saved in the end that might have been. */
  readonly later: ReadonlySet<string>;
}

/** What there is to say then: what is saved, what is not and why, and the command that goes on. */
export function goingOnLines(ended: Ended): string[] {
  const { answered, tests, isInterrupted, typed, isKept, never } = ended;
  const head = `${isInterrupted ? 'interrupted; ' : ''}${answered} of ${counted(tests, 'test')} answered`;
  const wouldKeep = never === undefined || tests > 1;
  const more = isKept || !wouldKeep ? [] : ['--checkpoint', 'FOLDER'];
  return [
    ...wrap(`gmemcheck: ${head}${isKept ? keptText(ended) : lostText(ended)}:`, '', '  '),
    // The command is one line, however long: it is there to be copied.
    `  ${['npx gmemcheck', ...[...typed, ...more].map(quoted)].join(' ')}`,
  ];
}

function keptText({ never, later }: Ended): string {
  if (never !== undefined)
    return `, and saved; ${never}; to go on, with the others from their beginning`;
  if (later.size === 0) return '; to go on';
  return `; the search of all states is saved, not what came after it: ${[...later].join('; ')}; to go on`;
}

function lostText({ never, later, tests }: Ended): string {
  if (never !== undefined && tests === 1) return `; ${never}; from the beginning again`;
  const lost = ', nothing is saved';
  if (never !== undefined)
    return `${lost}; ${never}; with a checkpoint tests that are answered would be`;
  if (later.size === 0) return `${lost}; with a checkpoint this can be gone on with`;
  const why = [...later].join('; ');
  return `${lost}; with a checkpoint the search of all states can be gone on with, not what came after it: ${why}`;
}

/** A word as a shell reads it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
