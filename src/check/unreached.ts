import type { LitmusTest } from '../../models/language/index.js';
import type { Built } from '../../models/world.js';
import { EngineError, InputError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import { matches, type Watched } from '../core/observer.js';
import { at } from '../litmus/parse.js';
import { nearest } from '../nearest.js';

/**
 * What a test names of the code and nobody has come to, each with where it is named.
 * @param isWhole was every state visited?
 */
export function unreached(
  test: LitmusTest,
  { world, edits }: Built,
  machine: Machine,
  isWhole: boolean,
): string[] {
  const verb = isWhole ? 'is never reached' : 'was not reached';
  const named = (test.scenario.orders ?? []).flatMap((o) => o.events);
  const events = (world.observer?.events ?? []).flatMap((event, i) => {
    const words = wordsOf(machine, event);
    if (words === undefined) return [];
    const { column, name, label } = named[i]!;
    const word = (label ?? name).text;
    const nowhere =
      words.length > 0 ? nearest(word, words) : `; nothing here comes to ${event.fn}()`;
    const hint = ownerOf(machine, event) ?? nowhere;
    return [`${at(test.file, column.at)}: '${event.text}' ${verb}${hint}`];
  });
  const changes = edits
    .filter((e) => !e.isReached)
    .map(({ change }) => {
      const words = labelsOf(machine, change.fn);
      const unknown = change.labels.find((l) => !words.includes(l));
      const known = unknown === undefined ? PLACED[change.does] : nearest(unknown, words);
      const hint = words.length > 0 ? known : `; nothing in this test comes to ${change.fn}()`;
      return `${change.where}: '${change.text}' ${verb}${hint}`;
    });
  return [...events, ...changes];
}

/** Where there are such steps, it is how they stand that does not fit. */
const PLACED = {
  drop: '',
  skip: '',
  swap: '; the second has to come directly behind the first, else expected move ... after ...',
  move: '; the second does not come behind the first',
} as const;

/** Words that might have been meant; undefined where the event was reached. */
function wordsOf(machine: Machine, event: Watched): string[] | undefined {
  const words = new Set<string>();
  for (const node of machine.automaton.nodes) {
    if (node.actor !== event.actor || node.next.size === 0) continue;
    if (matches(event, node.stack)) return undefined;
    if (node.step && (event.fn === undefined || node.stack?.top.def.name === event.fn))
      words.add(firstWord(node.step.label));
    if (event.fn === undefined || event.label === undefined)
      for (let s = node.stack; s; s = s.below) words.add(s.top.def.name);
  }
  return [...words];
}

/** Where the step is of another function. */
function ownerOf({ automaton }: Machine, event: Watched): string | undefined {
  if (event.fn === undefined || event.label === undefined) return undefined;
  const anywhere = { ...event, fn: undefined };
  const node = automaton.nodes.find((n) => n.actor === event.actor && matches(anywhere, n.stack));
  return node && `; it is a step of ${node.stack!.top.def.name}()`;
}

/** What the steps and calls of a function are called, as far as it was run. */
function labelsOf(machine: Machine, fn: string): string[] {
  const words = new Set<string>();
  for (const { def, pending } of machine.automaton.frames.states) {
    if (def.name !== fn) continue;
    if (pending.kind === 'step') words.add(firstWord(pending.label));
    if (pending.kind === 'call') words.add(pending.name);
  }
  return [...words];
}

const firstWord = (label: string): string => /^\w+/.exec(label)?.[0] ?? label;

/** A kernel that a test has changed may not be able to run: that is the test's mistake. */
export function blamed(error: unknown, { scenario }: LitmusTest): unknown {
  const [change] = scenario.changes ?? [];
  const isKernels = error instanceof EngineError || error instanceof TypeError;
  if (!change || !isKernels) return error;
  const hint = error instanceof TypeError ? "; more than one value is given as '= (0, 0)'" : '';
  return new InputError(
    `${change.where}: with '${change.text}' the kernel cannot run: ${error.message}${hint}`,
  );
}
