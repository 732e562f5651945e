import { DEPTH, MAX_SCHEDULES, SEEDS } from '../races/hunt.js';
import type { Results } from '../results.js';
import type { Compared } from '../spin/compare.js';
import { COUNTED_SECONDS, families } from '../spin/ratios.js';
import { INSTALL } from '../spin/tools.js';
import { thousands } from './table.js';

/** What is counted, and what was done alike on both sides. */
export function notes(results: Results): string[] {
  const { compared, schedules, races, tools } = results;
  return [
    ...(compared.length > 0 && !tools ? [`No ratios: ${INSTALL}.`] : []),
    ...compared.flatMap(({ subject, failure }) =>
      failure ? [`${subject.name}: ${failure}.`] : [],
    ),
    ...(compared.length > 0 ? comparedNotes(compared) : []),
    ...(schedules ? [scheduleNote(schedules)] : []),
    ...(races.length > 0 ? [RACES] : []),
  ];
}

function comparedNotes(compared: readonly Compared[]): string[] {
  const checked = [...families(compared)].map(
    ([name, cases]) => `${name} ${cases[0]!.properties.join(' ')}`,
  );
  return [
    'Cases: family-VCPUSxACCESSES-PAGES-HOSTSxCHANGES. punch: PUNCH_HOLE of all pages against ' +
      'guest writes (snp); attributes: KVM_SET_MEMORY_ATTRIBUTES of all pages against guest ' +
      'writes (sw); slots: deletion of the memslot against KVM_PRE_FAULT_MEMORY of all pages ' +
      `(sw). Checked in every state by both: ${checked.join('; ')}; deadlock.`,
    'Equal: Spin (-DNOREDUCE, no merging of steps) stores as many states and takes as many ' +
      'transitions as our unreduced search, and both as recorded in bench/spin/cases.ts. Without ' +
      'that there is no ratio, but counts!, or verdict! where verdicts differ, or unknown where ' +
      'there are too many states to count.',
    'Reduced: Spin with its partial-order reduction, pan -O2 -DSAFETY, hash table of the ' +
      'smallest power of two above twice the states; ours with all reductions, from building ' +
      'the world to the verdict, all rounds. In turn, n times, medians. Spin 1+: it ran out of ' +
      'memory, and the ratio is at least this. Pan s: making pan (spin -a, gcc), in no other ' +
      'column. Before the first measurement ours searches the smallest cases once (JIT). ' +
      `Means are geometric, over the cases that take Spin ${COUNTED_SECONDS} s or more.`,
    'Bytes: ours are the tables of states (with parents), memories and moves, slack included; ' +
      "local states and the invariants' memo are not in them. Spin's are its states and the " +
      'smallest hash table that has a place for each; not its stack.',
  ];
}

function scheduleNote({ actors, properties, sizes, rounds }: NonNullable<Results['schedules']>) {
  return (
    `Random schedules: ${actors.join(', ')}; after every step ${properties.join(' ')}. All draw ` +
    'the next actor uniformly, draw again if it is blocked, run the same generators from the ' +
    'same world to the end, and stop at a broken invariant. Not the same: gmemcheck runs an ' +
    'effect and decides the invariants once per distinct memory and looks the answer up after ' +
    `that. Each of ${rounds.length} rounds starts from empty tables and draws ` +
    `${thousands(sizes.walks)} schedules; the first ${thousands(sizes.first)} show what filling ` +
    'them costs. fc: live generators as tasks, every step awaited through ' +
    'scheduler.schedule() in an asyncProperty. Plain loop: the same without fast-check.'
  );
}

const RACES =
  'Known races: each expect line of a committed test that says violated, but for doomed and ' +
  `livelock. Median and most: schedules of PCT alone until it is found, d=${DEPTH}, at most ` +
  `${thousands(MAX_SCHEDULES)} a seed, ${SEEDS} seeds; k is measured by 128 runs before, which ` +
  'are in the seconds, not in the schedules, and whose finds do not count. As run: median of ' +
  'gmemcheck check --strategy pct, where these runs and their finds count. Search: exhaustive, ' +
  'unreduced, to the end of a shortest run, from empty tables, median of 3.';
