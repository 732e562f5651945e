import { mutations } from '../../../models/mutations/index.js';
import { variantOf } from '../../../models/mutations/mutation.js';
import type { Known, NotOne, Race, Shown } from '../../../models/races/race.js';
import { EngineError } from '../../core/errors.js';
import { checkTest, type CheckResult } from '../check.js';
import type { Named } from '../named.js';
import { findProtocol } from '../protocols.js';
import type { CheckOptions } from '../question.js';
import { committedTest } from '../tests.js';

const OPTIONS: CheckOptions = {
  strategy: 'exhaustive',
  maxStates: 1_000_000,
  runs: 0,
  seed: 0,
  memory: undefined,
};

/** A race with what its tests say. */
export type Seen =
  | {
      readonly race: Known;
      readonly broken: CheckResult;
      /** Fewest that a run needs; null where only progress is broken, which takes all runs. */
      readonly preemptions: number | null;
      readonly mended: CheckResult | undefined;
    }
  | { readonly race: NotOne; readonly held: readonly CheckResult[] };

/** Searches both states of a race. */
export async function seeRace(race: Race): Promise<Seen> {
  if (race.kind === 'not a race')
    return { race, held: await Promise.all(race.holds.map((shown) => search(shown))) };
  const fewest = await search(race.breaks, { ...OPTIONS, strategy: 'contexts' });
  return {
    race,
    broken: await search(race.breaks),
    preemptions: fewest.property === race.breaks.property ? fewest.preemptions : null,
    mended: race.mended && (await search(race.mended)),
  };
}

/** Do both come out as the corpus has it? */
export function isAsKnown(seen: Seen): boolean {
  if ('held' in seen) return seen.held.every((r) => r.verdict === 'holds');
  const { race, broken, mended } = seen;
  return (
    broken.verdict === 'violated' &&
    broken.property === race.breaks.property &&
    (mended === undefined || mended.verdict === 'holds')
  );
}

async function search({ test, under }: Shown, options = OPTIONS): Promise<CheckResult> {
  const found = committedTest(test);
  if (!found) throw new EngineError(`a race names '${test}', which is no committed test`);
  return checkTest(found, await stateOf(under), options).result;
}

/** A protocol, or a mutation of one: then what was undone is put under its name. */
export async function stateOf(under: string): Promise<Named> {
  const mutation = mutations.find((m) => m.id === under);
  if (!mutation) return findProtocol(under);
  const protocol = variantOf(mutation);
  return { protocol, reference: protocol.id };
}
