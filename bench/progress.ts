/** Where the run has come to, for who waits at a terminal; says nothing elsewhere. */
export class Progress {
  private readonly begin = performance.now();
  private what = '';
  private done = 0;

  constructor(
    private readonly all: number,
    private readonly out: { isTTY?: boolean; write(text: string): unknown } = process.stderr,
  ) {}

  /** Something new begins. */
  next(what: string): void {
    this.what = what;
    this.done++;
    this.show('');
  }

  /** A part of it begins. */
  part(part: string): void {
    this.show(`: ${part}`);
  }

  end(): void {
    if (this.out.isTTY) this.out.write('\r\x1b[K');
  }

  private show(part: string): void {
    if (!this.out.isTTY) return;
    const seconds = ((performance.now() - this.begin) / 1000).toFixed(0);
    const line = `[${this.done}/${this.all}, ${seconds} s] ${this.what}${part}`;
    this.out.write(`\r\x1b[K${line.slice(0, 75)}`);
  }
}
