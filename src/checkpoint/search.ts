import { rmSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import type { StateTable } from '../explore/states.js';
import { Journal, relearn } from './journal.js';
import { fileOf, type Place } from './place.js';
import { damaged, readRecord, writeRecord } from './record.js';
import { fill, rowsOf } from './rows.js';
import { Stream, written } from './stream.js';

/** What a search needs to go on: its states, and where among them it stands. */
export interface Standing {
  readonly states: StateTable;
  /** Those that a search counts on in; an earlier run's are put in their place. */
  readonly numbers: Record<string, number>;
  /** Small ones: they are written anew each time. */
  readonly lists?: Readonly<Record<string, readonly number[]>>;
}

/** The record of a search that has not come to its end. */
const record = z.object({
  question: z.string(),
  /** What the journal must come to. */
  machine: z.object({ moves: z.number(), memories: z.number(), nodes: z.number() }),
  states: z.number(),
  /** Which of two files has the rows: a search that begins anew needs another. */
  file: z.enum(['states', 'states2']),
  journal: written,
  rows: written,
  numbers: z.record(z.string(), z.number()),
  lists: z.record(z.string(), z.array(z.number()).readonly()),
});
export type SearchRecord = z.infer<typeof record>;
type RowsFile = SearchRecord['file'];

/**
 * A search's state on disk. A machine is a function of the moves that it has
 * tried, in their order, so their journal stands for all that it has learnt;
 * with the rows of the states and a few numbers, that is the whole search.
 */
export class SearchCheckpoint {
  private readonly journal: Journal;
  /** The table whose rows were saved, and how many. */
  private table: StateTable | undefined;
  private savedStates = 0;
  /** The file with the rows that are on record. */
  private kept: RowsFile;

  private constructor(
    private readonly place: Place,
    private readonly machine: Machine,
    private readonly moves: Stream,
    private rows: Stream,
    private file: RowsFile,
    /** What an earlier run left; undefined where there was none. */
    readonly found: SearchRecord | undefined,
  ) {
    this.journal = new Journal(machine);
    this.kept = file;
  }

  /**
   * The checkpoint of a search that is to begin, on a fresh machine. Where an
   * earlier run left one, the machine learns what that run's had learnt.
   * @throws InputError where it is damaged or cannot be read
   */
  static open(place: Place, machine: Machine): SearchCheckpoint {
    const journal = fileOf(place, 'journal');
    const found = readRecord(fileOf(place, 'search'), record);
    if (!found) {
      const rows = Stream.create(fileOf(place, 'states'));
      return new SearchCheckpoint(place, machine, Stream.create(journal), rows, 'states', found);
    }
    if (found.question !== place.question)
      throw new InputError(`${fileOf(place, 'search')} belongs to another question`);
    const moves = Stream.open(journal, found.journal);
    const rows = Stream.open(fileOf(place, found.file), found.rows);
    relearn(machine, moves.read());
    const now = sizesOf(machine);
    for (const what of ['moves', 'memories', 'nodes'] as const)
      if (now[what] !== found.machine[what])
        throw damaged(journal, `it comes to ${now[what]} ${what}, not ${found.machine[what]}`);
    return new SearchCheckpoint(place, machine, moves, rows, found.file, found);
  }

  /** Gives an empty table the states that the earlier run had. @throws InputError */
  restore(states: StateTable): void {
    const count = fill(states, this.machine, this.rows.read());
    const expected = this.found!.states;
    if (count !== expected)
      throw damaged(fileOf(this.place, this.file), `it comes to ${count} states, not ${expected}`);
    this.savedStates = count;
    this.table = states;
  }

  /**
   * Saves where a search stands, between two states. Another table than the
   * last time is saved as a whole.
   * @throws InputError where there is no room; what was saved before still counts
   */
  save({ states, numbers, lists = {} }: Standing): void {
    const { place, machine, journal, moves } = this;
    if (this.table !== undefined && this.table !== states) this.beginAnew();
    this.table = states;
    writeRecord(fileOf(place, 'search'), {
      question: place.question,
      machine: sizesOf(machine),
      states: states.count,
      file: this.file,
      journal: moves.append(journal.unsaved()),
      rows: this.rows.append(rowsOf(states, this.savedStates)),
      numbers,
      lists,
    } satisfies SearchRecord);
    moves.keep();
    this.rows.keep();
    this.kept = this.file;
    journal.forget();
    this.savedStates = states.count;
  }

  /** The rows on record stay where they are until the next ones are on record. */
  private beginAnew(): void {
    this.rows.close();
    this.file = this.kept === 'states' ? 'states2' : 'states';
    this.rows = Stream.create(fileOf(this.place, this.file));
    this.savedStates = 0;
  }

  /** Lets go of the files; they stay. */
  close(): void {
    this.machine.moves.journal = undefined;
    this.moves.close();
    this.rows.close();
  }
}

function sizesOf({ moves, memories, automaton }: Machine): SearchRecord['machine'] {
  return { moves: moves.size, memories: memories.count, nodes: automaton.nodes.length };
}

/** Removes what a job has saved, once there is its answer. */
export function forgetSearch(place: Place): void {
  for (const kind of ['search', 'journal', 'states', 'states2'] as const)
    rmSync(fileOf(place, kind), { force: true });
}
