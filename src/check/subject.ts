import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { readTest, type LitmusTest } from '../../models/language/index.js';
import type { MemoryKind } from '../../models/state/shape.js';
import type { Own } from '../../models/variants/own.js';
import { InputError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import type { Schedule } from '../core/schedule.js';
import { decodeToken, encodeToken } from '../core/token.js';
import { traceOf, type Trace } from '../core/trace.js';
import { MAX_LITMUS_LENGTH } from '../litmus/parse.js';
import { packageVersion } from '../root.js';
import { modelFingerprint, textHash } from './fingerprint.js';
import type { Named } from './named.js';
import { findProtocol, versionNamed } from './protocols.js';
import { committedTest } from './tests.js';

const decoder = new TextDecoder();

/**
 * A token's subject: protocol, memory, and the test; a committed test by name
 * and hash, any other as its packed text, so that the token stands alone.
 */
export function runToken(
  test: LitmusTest,
  named: Named,
  memory: MemoryKind,
  schedule: Schedule,
): string {
  const known = committedTest(test.name)?.text === test.text;
  const head = `${named.reference}\n${memory}\n`;
  const subject = known
    ? Buffer.from(`${head}=${test.name} ${textHash(test.text)}`)
    : Buffer.concat([Buffer.from(`${head}+`), deflateRawSync(test.text)]);
  return encodeToken({ model: modelFingerprint(), subject, schedule });
}

/** What a token asks to be replayed. */
export interface Replayable {
  readonly test: LitmusTest;
  readonly named: Named;
  readonly memory: MemoryKind;
  readonly schedule: Schedule;
}

/** @throws InputError when the token is malformed or made with another model. */
export async function readToken(text: string): Promise<Replayable> {
  const token = decodeToken(text);
  if (token.model !== modelFingerprint())
    throw new InputError(
      `this token was made with model ${token.model}; this is gmemcheck ${packageVersion} with ` +
        `model ${modelFingerprint()}. Replay it with the gmemcheck whose 'gmemcheck list' ` +
        `prints model ${token.model}`,
    );
  const bytes = Buffer.from(token.subject);
  const first = bytes.indexOf(10);
  const second = bytes.indexOf(10, first + 1);
  if (first < 0 || second < 0) throw new InputError('malformed token: its subject is incomplete');
  const reference = bytes.toString('utf8', 0, first);
  const memory = bytes.toString('utf8', first + 1, second) as MemoryKind;
  const named = await protocolOf(reference);
  const test = readSubject(bytes.subarray(second + 1), named.protocol.own);
  return { test, named, memory, schedule: token.schedule };
}

/** What a token's schedule does. @throws InputError where it does not fit the test */
export function traceOfToken(machine: Machine, schedule: Schedule): Trace {
  const count = machine.initialNodes.length;
  if (schedule.some(({ actor }) => actor >= count))
    throw new InputError(`this token does not fit its test: it moves more than ${count} actors`);
  try {
    return traceOf(machine, schedule);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`this token does not fit its test: ${error.message}`);
  }
}

async function protocolOf(reference: string): Promise<Named> {
  const at = reference.lastIndexOf('#');
  if (at < 0) return versionNamed(reference);
  return findProtocol(reference.slice(0, at), reference.slice(at + 1));
}

function readSubject(bytes: Buffer, own: Own): LitmusTest {
  const text = bytes.toString('utf8');
  if (!text.startsWith('='))
    return readTest(inflate(bytes.subarray(1)), 'the test in this token', own);
  const [name, hash] = text.slice(1).split(' ');
  const test = committedTest(name!);
  if (!test || textHash(test.text) !== hash)
    throw new InputError(`test '${name}' is not the one this token was made with`);
  return test;
}

function inflate(bytes: Buffer): string {
  try {
    return decoder.decode(inflateRawSync(bytes, { maxOutputLength: MAX_LITMUS_LENGTH * 4 }));
  } catch {
    throw new InputError('malformed token: the test in it cannot be unpacked');
  }
}
