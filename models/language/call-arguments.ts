import { InputError } from '../../src/core/index.js';
import type { OperationText, Value } from '../../src/litmus/ast.js';
import { at } from '../../src/litmus/parse.js';
import type { Call } from '../operations.js';

/** Largest argument that is read: far beyond any world that can be searched. */
const MAX_NUMBER = 1000;

/** Takes an operation's arguments one by one. */
export class Arguments {
  private next = 0;
  constructor(
    private readonly op: OperationText,
    private readonly column: string,
    private readonly file: string,
    private readonly form: string,
  ) {}

  get more(): boolean {
    return this.next < this.op.args.length;
  }
  get isGmem(): boolean {
    return /^gmem\d$/.test(this.op.args[this.next]?.text ?? '');
  }
  /** The word `READONLY`, taken if it comes next. */
  get isReadonly(): boolean {
    const found = this.op.args[this.next]?.text === 'READONLY';
    if (found) this.next++;
    return found;
  }
  get isHva(): boolean {
    return /^hva\d{1,3}$/.test(this.op.args[this.next]?.text ?? '');
  }
  /** The page of the VMM's memory that `hvaN` names. */
  hva(): number {
    return Number(this.take().text.slice(3));
  }
  number(): number {
    const value = this.take();
    if (value.number === undefined || value.number < 0) this.refuse(value);
    if (value.number! > MAX_NUMBER)
      throw new InputError(
        `${at(this.file, value.at)}: expected a number from 0 to ${MAX_NUMBER}, got '${value.text}'`,
      );
    return value.number!;
  }
  word(words: readonly string[]): string {
    const value = this.take();
    if (!words.includes(value.text)) this.refuse(value);
    return value.text;
  }
  gmem(): number {
    if (!this.isGmem) this.refuse(this.take());
    return Number(this.take().text.slice(4));
  }
  any(): string {
    return this.take().text;
  }
  outcome(): number {
    const value = this.take();
    if (!/^r\d+$/.test(value.text)) this.refuse(value);
    return Number(value.text.slice(1));
  }
  /** The word `shared`; gives false, for isPrivate. */
  shared(): boolean {
    return this.word(['shared']) !== 'shared';
  }
  get isVcpu(): boolean {
    return /^(?:vm\d:)?vcpu\d$/.test(this.column);
  }
  vcpu(): number {
    const found = /^(?:vm\d:)?vcpu(\d)$/.exec(this.column);
    if (!found)
      throw new InputError(
        `${at(this.file, this.op.at)}: '${this.op.text}' runs on a vCPU: expected it in a column ` +
          `named vcpu0, vcpu1, ..., not '${this.column}'`,
      );
    return Number(found[1]);
  }
  end(call: Call): Call {
    if (this.more) this.refuse(this.take());
    return call;
  }
  private take(): Value {
    const value = this.op.args[this.next++];
    if (!value)
      throw new InputError(
        `${at(this.file, this.op.at)}: '${this.op.text}': expected ${this.form}`,
      );
    return value;
  }
  private refuse(value: Value): never {
    throw new InputError(
      `${at(this.file, value.at)}: '${value.text}' does not fit: expected ${this.form}`,
    );
  }
}
