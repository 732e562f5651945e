import { findProtocol } from '../check/protocols.js';
import { drawnRecording } from '../conform/drawn.js';
import { InputError } from '../core/errors.js';
import type { FuzzArguments } from './fuzz.js';
import { flag, OK, type Out } from './options.js';

/** Options of `fuzz` that are about scenarios. */
const OF_SCENARIOS = [
  'runs',
  'maxStates',
  'corpus',
  'folder',
  'statistics',
  'flat',
  'json',
] as const;

/**
 * `gmemcheck fuzz --sequences N`: random operations as recordings, JSON lines.
 * @returns the exit status. @throws InputError
 */
export async function runSequences(
  args: FuzzArguments & { readonly sequences: number },
  isGiven: (option: string) => boolean,
  out: Out,
  err: Out,
): Promise<number> {
  const idle = OF_SCENARIOS.find(isGiven);
  if (idle) throw new InputError(`${flag(idle)} does nothing with --sequences`);
  const { protocol } = await findProtocol(args.protocol);
  const seed = args.seed ?? Math.floor(Math.random() * 2 ** 31);
  out(`${drawnRecording(protocol, seed, args.sequences)}\n`);
  if (args.seed === undefined) err(`--seed ${seed}\n`);
  return OK;
}
