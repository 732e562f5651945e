import { SearchCheckpoint, type Standing } from '../checkpoint/search.js';
import { InputError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import { isOutOfMemory, type Watch } from '../explore/bounds.js';
import type { Outside } from './question.js';
import type { Limits } from './limits.js';

/** A search with a place on disk, or without. */
export interface Kept {
  /** For the search: stops it at its limits, and saves it when it is due and when it is stopped. */
  readonly watch: Watch;
  /**
   * To be called before the search runs: from here on this is what is saved.
   * What an earlier run left is put into it; `numbers` are changed in place.
   * @throws InputError where that is damaged
   */
  goOnWith(standing: Standing): void;
  save(): void;
  saveIfDue(): void;
  /** Lets go of the files; they stay. */
  close(): void;
}

/**
 * Begins to keep a search on a machine that has not learnt anything yet, or
 * teaches it what an earlier run's had learnt.
 * @throws InputError where what that left is damaged
 */
export function keepSearch(machine: Machine, limits: Limits, outside: Outside): Kept {
  if (!outside.checkpoint) return unkept(limits);
  const { every } = outside.checkpoint;
  const checkpoint = open(() => SearchCheckpoint.open(outside.checkpoint!, machine));
  let standing: Standing | undefined;
  let savedAt = limits.seconds;
  const save = (): void => {
    savedAt = limits.seconds;
    try {
      if (standing) checkpoint.save(standing);
    } catch (error) {
      // What was saved before still counts, and there may be room again later.
      if (!(error instanceof InputError)) throw error;
      outside.warn?.(`${error.message}; the search goes on`);
    }
  };
  const saveIfDue = (): void => {
    if (limits.seconds - savedAt >= every) save();
  };
  return {
    watch: (reached) => {
      const stop = limits.watch(reached);
      if (stop) save();
      else saveIfDue();
      return stop;
    },
    goOnWith(next) {
      const { found } = checkpoint;
      if (found && !standing) {
        open(() => checkpoint.restore(next.states));
        Object.assign(next.numbers, found.numbers);
        // Or a run with little time would never come further than the one before.
        limits.startClock();
      }
      standing = next;
      savedAt = limits.seconds;
    },
    save,
    saveIfDue,
    close: () => checkpoint.close(),
  };
}

const nothing = (): void => {};

function unkept({ watch }: Limits): Kept {
  return { watch, goOnWith: nothing, save: nothing, saveIfDue: nothing, close: nothing };
}

function open<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    throw new InputError('there is not enough memory to go on from this checkpoint');
  }
}
