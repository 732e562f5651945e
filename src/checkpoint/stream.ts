import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { attempt, writeAll } from './files.js';
import { damaged } from './record.js';

/** How much of a stream counts, and the checksum of that. */
export const written = z.object({ words: z.number().int().min(0), sha256: z.string() });
export type Written = z.infer<typeof written>;

const WORD = 4;
/** Words read at a time. */
const CHUNK = 1 << 16;

/**
 * A file of 32 bit words that grows. What was appended counts once a record
 * says so: until then it is written, and cut off, as often as it takes. So a
 * checkpoint costs what is new, and may be torn at any moment.
 */
export class Stream {
  private appended: { words: number; hash: Hash };

  private constructor(
    private readonly path: string,
    private readonly file: number,
    private words: number,
    private hash: Hash,
  ) {
    this.appended = { words, hash };
  }

  /** An empty one, instead of any that was there. @throws InputError */
  static create(path: string): Stream {
    const file = attempt('write', path, () => openSync(path, 'w+'));
    return new Stream(path, file, 0, createHash('sha256'));
  }

  /**
   * The part of a file that counts.
   * @throws InputError where that is not there, or not what was written
   */
  static open(path: string, { words, sha256 }: Written): Stream {
    const file = attempt('read', path, () => openSync(path, 'r+'));
    const stream = new Stream(path, file, words, createHash('sha256'));
    for (const chunk of stream.read()) stream.hash.update(chunk);
    if (stream.hash.copy().digest('hex') !== sha256)
      throw damaged(path, 'its checksum is not the one on record');
    return stream;
  }

  /**
   * Appends to the part that counts.
   * @returns what is to be put on record
   * @throws InputError where there is no room
   */
  append(chunks: Iterable<Int32Array>): Written {
    return attempt('write', this.path, () => {
      let { words } = this;
      const hash = this.hash.copy();
      for (const chunk of chunks) {
        const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
        writeAll(this.file, bytes, words * WORD);
        hash.update(bytes);
        words += chunk.length;
      }
      ftruncateSync(this.file, words * WORD);
      fsyncSync(this.file);
      this.appended = { words, hash };
      return { words, sha256: hash.copy().digest('hex') };
    });
  }

  /** What was appended last is on record: it counts. */
  keep(): void {
    this.words = this.appended.words;
    this.hash = this.appended.hash;
  }

  /** All that counts, in parts that share one buffer; less where the file is cut off. */
  *read(): Generator<Int32Array> {
    const chunk = new Int32Array(CHUNK);
    const bytes = new Uint8Array(chunk.buffer);
    for (let at = 0; at < this.words; at += CHUNK) {
      const count = Math.min(CHUNK, this.words - at);
      for (let done = 0; done < count * WORD;) {
        const got = attempt('read', this.path, () =>
          readSync(this.file, bytes, done, count * WORD - done, at * WORD + done),
        );
        if (got === 0) return;
        done += got;
      }
      yield chunk.subarray(0, count);
    }
  }

  close(): void {
    closeSync(this.file);
  }
}
