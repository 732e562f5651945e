import { createHash } from 'node:crypto';
import { InputError } from './errors.js';
import type { Decision, Schedule } from './schedule.js';

/** Everything that a run is made of, short enough for a mail. */
export interface RunToken {
  /** Fingerprint of the model it was made with, 8 hex digits. */
  readonly model: string;
  /** The question: opaque to the engine. */
  readonly subject: Uint8Array;
  readonly schedule: Schedule;
}

const PREFIX = 'gmc';
const VERSION = 1;
const LONGEST = 16 * 1024;

/** `gmc1-MODEL-...`: the model can be read off, the rest is packed. */
export function encodeToken(token: RunToken): string {
  const body = [...varint(token.subject.length), ...token.subject, ...packSchedule(token.schedule)];
  const bytes = Buffer.from([...body, ...checksum(token.model, body)]);
  return `${PREFIX}${VERSION}-${token.model}-${bytes.toString('base64url')}`;
}

/** @throws InputError for anything but a whole token of this version. */
export function decodeToken(text: string): RunToken {
  if (text.length > LONGEST) throw malformed('it is too long');
  const parts = /^gmc(\d+)-([0-9a-f]{8})-([A-Za-z0-9_-]+)$/.exec(text.trim());
  if (!parts) throw malformed('expected gmc1-MODEL-...');
  if (Number(parts[1]) !== VERSION)
    throw new InputError(
      `this token has format ${parts[1]}; this gmemcheck replays format ${VERSION}: ` +
        `use the gmemcheck that printed it (its model is ${parts[2]})`,
    );
  const packed = Buffer.from(parts[3]!, 'base64url');
  if (packed.toString('base64url') !== parts[3]) throw malformed('its last character does not fit');
  const bytes = [...packed];
  const body = bytes.slice(0, -4);
  const model = parts[2]!;
  if (checksum(model, body).some((byte, i) => byte !== bytes[body.length + i]))
    throw malformed('its checksum is wrong, a part may be missing');
  const reader = new Reader(body);
  const subject = Uint8Array.from(reader.take(reader.varint()));
  return { model, subject, schedule: unpackSchedule(reader) };
}

const malformed = (why: string): InputError => new InputError(`malformed token: ${why}`);

function checksum(model: string, body: readonly number[]): number[] {
  const hash = createHash('sha256').update(model).update(Uint8Array.from(body));
  return [...hash.digest().subarray(0, 4)];
}

/** Runs of one actor: (actor and option), how many times. */
function packSchedule(schedule: Schedule): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < schedule.length;) {
    const { actor, option } = schedule[i]!;
    let count = 1;
    while (schedule[i + count]?.actor === actor && schedule[i + count]?.option === option) count++;
    bytes.push(...varint(actor * 16 + option), ...varint(count));
    i += count;
  }
  return bytes;
}

const MAX_DECISIONS = 1_000_000;

function unpackSchedule(reader: Reader): Decision[] {
  const schedule: Decision[] = [];
  while (!reader.isAtEnd) {
    const word = reader.varint();
    const count = reader.varint();
    if (schedule.length + count > MAX_DECISIONS) throw malformed('its schedule is too long');
    const decision = { actor: Math.floor(word / 16), option: word % 16 };
    for (let i = 0; i < count; i++) schedule.push(decision);
  }
  return schedule;
}

/** Little-endian base 128. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/** Reads what varint() and friends wrote. */
export class Reader {
  private at = 0;
  constructor(private readonly bytes: readonly number[]) {}
  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.take(1)[0]!;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw malformed('a number in it is too large');
  }
  take(count: number): readonly number[] {
    if (this.at + count > this.bytes.length) throw malformed('it ends too early');
    this.at += count;
    return this.bytes.slice(this.at - count, this.at);
  }
}
