import { z } from 'zod';
import { InputError } from '../core/errors.js';
import { fileOf, type Place } from './place.js';
import { readRecord, writeRecord } from './record.js';
import { forgetSearch } from './search.js';

const record = z.object({ question: z.string(), answer: z.unknown() });

/** The answer that an earlier run gave; undefined where it gave none. @throws InputError */
export function savedAnswer(place: Place): unknown {
  const path = fileOf(place, 'answer');
  const found = readRecord(path, record);
  if (!found) return undefined;
  if (found.question !== place.question)
    throw new InputError(`${path} belongs to another question`);
  return found.answer;
}

/** Puts an answer on record; what its search had saved is of no more use. @throws InputError */
export function saveAnswer(place: Place, answer: unknown): void {
  writeRecord(fileOf(place, 'answer'), { question: place.question, answer });
  forgetSearch(place);
}
