import type { z } from 'zod';
import { readTextFile } from '../check/tests.js';
import { InputError } from '../core/errors.js';
import { nearest } from '../nearest.js';
import { lineHead, RECORDED_OPS, recordedOperation, recordedVm, type Recorded } from './schema.js';

/** One operation and the line it was read from. */
export interface Line {
  readonly number: number;
  readonly op: Recorded;
}

/** What was recorded of one virtual machine. */
export interface Sequence {
  readonly file: string;
  readonly seq: number;
  /** KVM_X86_DEFAULT_VM instead of KVM_X86_SW_PROTECTED_VM. */
  readonly defaultVm: boolean;
  readonly lines: readonly Line[];
}

/** Fifty sequences take 700 kilobytes; what is far larger is something else. */
const MAX_FILE = 64 << 20;
const MAX_LINE = 1 << 16;
const MAX_LINES = 1_000_000;

/** Reads a recording, JSON lines. @throws InputError naming file and line. */
export function readRecording(file: string): Sequence[] {
  return parseRecording(readTextFile(file, MAX_FILE), file);
}

/** Parses a recording. @throws InputError naming file and line. */
export function parseRecording(text: string, file: string): Sequence[] {
  const reader = new Reader(file);
  let number = 0;
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    number++;
    if (number > MAX_LINES) reader.refuse(number, `at most ${MAX_LINES} lines`);
    if (to - from > MAX_LINE)
      reader.refuse(number, `a line of at most ${MAX_LINE} characters, got ${to - from}`);
    const line = text.slice(from, to).trim();
    if (line !== '') reader.read(number, line);
    from = to + 1;
  }
  return reader.finish();
}

class Reader {
  private readonly sequences: Sequence[] = [];
  private current: { seq: number; lines: Line[]; next: number } | undefined;

  constructor(private readonly file: string) {}

  read(number: number, text: string): void {
    const value = this.json(number, text);
    const head = this.parse(number, lineHead, value, 'line');
    if (head.op === 'vm') {
      const vm = this.parse(number, recordedVm, value, 'vm');
      if (vm.vm_type > 1)
        this.refuse(
          number,
          `vm_type 0 (KVM_X86_DEFAULT_VM) or 1 (KVM_X86_SW_PROTECTED_VM), got ${vm.vm_type}`,
        );
      this.begin(head.seq, vm.vm_type === 0);
      return;
    }
    if (!RECORDED_OPS.includes(head.op))
      this.refuse(
        number,
        `an operation (vm, ${RECORDED_OPS.join(', ')}), got '${shown(head.op)}'` +
          nearest(head.op.slice(0, 40), RECORDED_OPS),
      );
    const { current } = this;
    if (!current || head.seq !== current.seq)
      this.refuse(number, `the line "op":"vm" that begins sequence ${head.seq}`);
    if (head.i !== current.next)
      this.refuse(number, `operation ${current.next} of sequence ${head.seq}, got ${head.i}`);
    current.next++;
    current.lines.push({ number, op: this.parse(number, recordedOperation, value, head.op) });
  }

  finish(): Sequence[] {
    if (this.sequences.length === 0)
      throw new InputError(`${this.file}: expected a recording, JSON lines; it has no sequence`);
    return this.sequences;
  }

  refuse(number: number, expected: string): never {
    throw new InputError(`${this.file}:${number}: expected ${expected}`);
  }

  private begin(seq: number, defaultVm: boolean): void {
    const lines: Line[] = [];
    this.current = { seq, lines, next: 0 };
    this.sequences.push({ file: this.file, seq, defaultVm, lines });
  }

  private json(number: number, text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      return this.refuse(number, `one JSON object, got '${shown(text)}'`);
    }
  }

  private parse<T>(number: number, type: z.ZodType<T>, value: unknown, what: string): T {
    const parsed = type.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0]!;
    const place = [what, ...issue.path.map(String)].join('.');
    const expected = issue.message.replace(/^Invalid (input|option): /, '');
    throw new InputError(`${this.file}:${number}: ${shown(place)}: ${shown(expected, 200)}`);
  }
}

/** Foreign text for a message: printable, short. */
function shown(text: string, most = 40): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > most ? `${printable.slice(0, most)}...` : printable;
}
