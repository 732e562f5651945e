import type { Machine } from '../core/machine.js';
import type { Bounds } from '../explore/bounds.js';
import { ContextBoundedSearch } from '../explore/contexts.js';
import { counted } from '../explore/counted.js';
import { ReducedSearch } from '../explore/reduced-search.js';
import { ALL, isReduced } from '../explore/reductions/options.js';
import { sample } from '../explore/sampling/sample.js';
import type { SearchResult } from '../explore/verdict.js';
import {
  questionOf,
  type CheckOptions,
  type Found,
  type Outside,
  type Question,
  type Unsaved,
} from './question.js';
import { searchHashCompact, SIGNATURE_BITS } from '../explore/hash-compact/search.js';
import { Limits } from './limits.js';
import { sampledBy, samplingOf } from './sampling.js';
import { searchWhole } from './whole.js';

/** Searches as the options ask. */
export function searchFor(question: Question, outside: Outside): Found {
  const { machine, options } = question;
  const limits = new Limits(options, outside);
  const bounds = { ...options, watch: limits.watch };
  if (options.hashCompact) {
    const signatures = { bits: options.signatureBits ?? SIGNATURE_BITS, seed: options.seed };
    return unasked(searchHashCompact(machine, bounds, signatures), 'hash-compact');
  }
  if (options.strategy === 'contexts') return unasked(byContexts(machine, bounds), 'contexts');
  if (options.strategy !== 'exhaustive')
    return unasked(sample(machine, sampledBy(options)!, samplingOf(options)), 'sampled');
  const { reduce } = options;
  if (reduce && isReduced(reduce)) {
    const found = new ReducedSearch(machine, reduce, bounds).run();
    if (!isTooLarge(found)) return unasked(found, 'reduced');
    return unasked(orByContexts(question, bounds, found), 'contexts');
  }
  const all = searchWhole(machine, options, limits, outside);
  if (!isTooLarge(all.found)) return all;
  const reduced = reduce ? undefined : reducedInstead(question, bounds);
  if (reduced && !isTooLarge(reduced)) return unasked(reduced, 'reduced');
  // What is known of short runs is more than the reduced search could say.
  return unasked(orByContexts(question, bounds, all.found), 'contexts');
}

/** Only the search of every state asks if everybody gets on. */
const unasked = (found: SearchResult, unsaved: Unsaved): Found => ({
  found,
  progress: 'not checked',
  unsaved,
});

/** Any other bound than that of states was meant for the next search as well. */
function isTooLarge({ verdict, property, schedule, covered }: SearchResult): boolean {
  return verdict === 'undecided' && !property && !schedule && covered?.bound === 'states';
}

/** What has too many states may have few that matter. */
function reducedInstead(question: Question, bounds: Bounds): SearchResult {
  const { test, named, options } = question;
  // A machine of its own: what moves touch is kept from the first on.
  const found = new ReducedSearch(questionOf(test, named, options).machine, ALL, bounds).run();
  return {
    ...found,
    note: `${found.note}; more than ${counted(bounds.maxStates, 'state')} unreduced`,
  };
}

/** What is still too large is searched by contexts, which says how far it came. */
function orByContexts(
  { machine }: Question,
  bounds: ByContexts,
  found: SearchResult,
): SearchResult {
  const bounded = byContexts(machine, bounds);
  if (bounded.verdict !== 'undecided') return bounded;
  const note = `${found.note}; by contexts: ${bounded.note}`;
  return {
    ...found,
    note,
    covered: { ...bounded.covered!, ...found.covered, bound: bounded.covered!.bound },
  };
}

type ByContexts = Bounds & Pick<CheckOptions, 'maxPreemptions'>;

function byContexts(machine: Machine, bounds: ByContexts): SearchResult {
  return new ContextBoundedSearch(machine, bounds, bounds.maxPreemptions).run();
}
