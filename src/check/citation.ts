import { createHash } from 'node:crypto';
import type { LitmusTest } from '../../models/language/index.js';
import type { MemoryKind } from '../../models/state/shape.js';
import { modelFingerprint } from './fingerprint.js';
import type { Named } from './named.js';

/** What says nothing of the question: places, what it is about, what is expected. */
const BESIDE = new Set(['at', 'title', 'expectations']);

/** What has parts has them beside its text, without comments and white space. */
const hasParts = (value: object): boolean =>
  ['args', 'expression', 'does'].some((part) => part in value);

/**
 * Names an answer: whoever has the same model, protocol, test and bounds gets
 * the same. Comments, white space, the title and expectations do not count.
 */
export function citationOf(
  { litmus }: LitmusTest,
  { reference }: Named,
  memory: MemoryKind,
  bounds: { readonly maxStates: number },
): string {
  const question = JSON.stringify(litmus, (key, value: unknown) => {
    if (BESIDE.has(key)) return undefined;
    return typeof value === 'object' && value && hasParts(value)
      ? { ...value, text: undefined }
      : value;
  });
  return createHash('sha256')
    .update([modelFingerprint(), reference, memory, bounds.maxStates, question].join('\n'))
    .digest('hex')
    .slice(0, 32);
}
