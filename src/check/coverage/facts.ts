import { errnoName } from '../../errno.js';
import type { Seen, SeenCall } from './seen.js';
import { constantName, type FunctionUniverse, type Survey } from './universe.js';
import { labelMatcher, partsOf, plain, UNKNOWN } from './values.js';
import { NotFollowed, type Found } from './found.js';
import { walk } from './walk.js';

/** What is known of one place in a function, from all frames that came to it. */
export interface PlaceFacts {
  taken: boolean;
  waited: boolean | undefined;
  /** Values that it gave. */
  readonly saw: Set<number | boolean>;
  readonly chose: Set<string>;
}

/** What is known of a function. */
export interface FunctionFacts {
  /** By the number of the site in the function's universe. */
  readonly places: Map<number, PlaceFacts>;
  readonly returned: Set<string>;
  /** Something that frames did and that the source does not show. */
  lost: string | undefined;
}

/** Finds the places in a protocol's source at which frames were seen. */
export class Facts {
  readonly functions = new Map<string, FunctionFacts>();

  constructor(private readonly survey: Survey) {}

  /** One call of a function, as `seenCalls` has it. */
  add(line: string): void {
    const { name, args, seen } = JSON.parse(line) as SeenCall;
    const fn = this.survey.source.functions.get(name);
    const universe = this.survey.universe.get(name);
    if (!universe) return;
    const facts = this.of(name);
    if (!fn) return;
    const lost = new Set(allOf(seen));
    const values = args.map((a) => (a === null ? UNKNOWN : plain(a)));
    try {
      walk(fn, this.survey.source.kernel, seen, values, (site, at) => {
        if (!at) return;
        lost.delete(at);
        if (site.kind === 'return') facts.returned.add(returnName(site, at));
        else for (const i of numbersOf(site, at, universe)) note(facts, i, site, at);
      });
    } catch (error) {
      if (!(error instanceof NotFollowed)) throw error;
    }
    for (const at of lost) facts.lost ??= at.name || at.asked;
  }

  private of(name: string): FunctionFacts {
    let facts = this.functions.get(name);
    if (!facts) {
      facts = { places: new Map(), returned: new Set(), lost: undefined };
      this.functions.set(name, facts);
    }
    return facts;
  }
}

function allOf(seen: Seen): Seen[] {
  return [seen, ...seen.after.flatMap((t) => allOf(t.seen))];
}

/** The sites that this one is: those at its place whose label is that of the frame. */
function numbersOf(site: Found, at: Seen, { sites }: FunctionUniverse): number[] {
  const isThis = (s: Found): boolean =>
    s.trail === site.trail && (at.asked === 'again' || labelMatcher(partsOf(s.label))(at.name));
  return sites.flatMap((s, i) => (isThis(s) ? [i] : []));
}

function note({ places }: FunctionFacts, number: number, site: Found, at: Seen): void {
  let facts = places.get(number);
  if (!facts) {
    facts = { taken: false, waited: undefined, saw: new Set(), chose: new Set() };
    places.set(number, facts);
  }
  // A call is reached when it is made, whether or not it comes back.
  if (at.asked !== 'step' || at.after.length > 0) facts.taken = true;
  if (at.waited !== undefined) facts.waited = facts.waited || at.waited;
  for (const option of at.chosen ?? []) facts.chose.add(option);
  // With one option left by the scenario there was nothing to choose.
  if (site.kind === 'choose' && !at.chosen && at.after.length > 0) facts.chose.add('');
  if (at.asked === 'step')
    for (const { given } of at.after)
      facts.saw.add(site.kind === 'test' ? given !== 0 : Number(given));
}

function returnName(site: Found, { value }: Seen): string {
  const constant = constantName(site.label);
  if (constant !== undefined) return constant;
  const first = typeof value === 'object' ? value?.[0] : value;
  if (typeof first !== 'number') return String(first ?? '');
  if (first < 0) return errnoName(first) ?? String(first);
  return first === 0 ? '0' : '> 0';
}
