import type { Seen } from './seen.js';
import type { Value } from './values.js';

/** A place in a function that asks for something, or returns. */
export interface Found {
  readonly kind: 'step' | 'test' | 'choose' | 'call' | 'again' | 'return';
  /** Where it is: the way through helpers to it. */
  readonly trail: string;
  readonly label: Value;
  readonly options: readonly string[];
  readonly file: string;
  readonly line: number;
}

/** Is told of each place, and of a frame that was seen there; of none where it is the ghost. */
export type Visitor = (site: Found, at: Seen | undefined) => void;

/** The source does something that this cannot follow. */
export class NotFollowed extends Error {}

/** The end of a function, with what it returns. */
export function returnSite(value: Value): Found {
  return { kind: 'return', trail: 'return', label: value, options: [], file: '', line: 0 };
}
