import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';
import { Progress, type Terminal } from '../../src/cli/progress/progress.js';
import { terminalOf } from '../../src/cli/progress/terminal.js';
import { Whole } from '../../src/cli/progress/whole.js';
import { count, duration, Running, type Limits } from '../../src/cli/progress/running.js';
import { gmemcheck } from './run.js';

const LIMITS: Limits = { runs: 10_000, maxStates: 1_000_000 };

const states = (stored: number, frontier: number) => ({
  reached: { states: stored, frontier, transitions: 2 * stored },
});

/** What a search looks like that goes on like this, one status a second. */
function after(limits: Limits, ...statuses: Parameters<Running['hear']>[0][]): string {
  const running = new Running('a test  P3', limits, 0);
  statuses.forEach((status, i) => running.hear(status, (i + 1) * 1000));
  return running.text(statuses.length * 1000);
}

describe('a job under way', () => {
  it('has its states, their rate, the frontier and where that goes', () => {
    expect(after(LIMITS)).toBe('a test  P3: 0 s');
    expect(after(LIMITS, states(5_000, 70))).toBe(
      'a test  P3: 5K states, frontier 70, 0% of --max-states',
    );
    expect(after(LIMITS, states(5_000, 70), states(505_000, 90))).toBe(
      'a test  P3: 505K states, 500K/s, frontier 90 growing, 50% of --max-states',
    );
    expect(after(LIMITS, states(5_000, 90), states(505_000, 70))).toContain('70 shrinking');
    expect(after(LIMITS, states(5_000, 9000), states(505_000, 9001))).toContain('9K steady');
  });

  it('has no estimate where there is no total, only shares of its bounds', () => {
    const text = after({ ...LIMITS, maxTime: 4 }, states(1_000, 9), states(2_000, 9));
    expect(text).not.toMatch(/left|ETA/);
    expect(text).toMatch(/0% of --max-states, 50% of --max-time$/);
    // Rounded down, and never beyond all.
    expect(after(LIMITS, states(999_999, 9))).toContain('99% of --max-states');
    expect(after(LIMITS, states(1_000_001, 9))).toContain('100% of --max-states');
  });

  it('that draws has runs of all, and what is left at most', () => {
    expect(after(LIMITS, { drawn: 100 })).toBe('a test  P3: 100 of 10K runs');
    expect(after(LIMITS, { drawn: 100 }, { drawn: 1100 })).toBe(
      'a test  P3: 1.1K of 10K runs, 1K/s, at most about 9 s left',
    );
    expect(after(LIMITS, { drawn: 100 }, { drawn: 100 })).toBe('a test  P3: 100 of 10K runs');
  });

  it('goes by the last seconds, not by all', () => {
    const slow = Array.from({ length: 20 }, (_, i) => ({ drawn: i }));
    const fast = Array.from({ length: 6 }, (_, i) => ({ drawn: 20 + 1000 * (i + 1) }));
    expect(after(LIMITS, ...slow, ...fast)).toContain(', 1K/s');
  });

  it('is in words of people', () => {
    expect([1, 99.4, 100, 3599, 6000, 7500].map(duration)).toEqual([
      '1 s',
      '99 s',
      '2 min',
      '60 min',
      '1 h 40 min',
      '2 h 5 min',
    ]);
    expect([0, 999, 1000.4, 1234567].map(count)).toEqual(['0', '999', '1K', '1.23M']);
  });
});

/** A terminal that remembers everything. */
class Screen extends Writable {
  readonly isTTY = true;
  readonly columns = 60;
  readonly rows = 24;
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
  get plain(): string {
    return stripVTControlCharacters(this.text);
  }
}

function progressOf(jobs: number) {
  const screen = new Screen();
  let now = 0;
  const labels = Array.from({ length: jobs }, (_, i) => `test-${i}  P3`);
  const progress = new Progress(screen as unknown as Terminal, labels, LIMITS, () => now);
  /** Half a second later. */
  const later = (act: () => void): void => {
    now += 500;
    act();
  };
  return { screen, progress, later };
}

describe('a campaign under way', () => {
  it('has tests answered of all, then what runs', () => {
    const { screen, progress, later } = progressOf(4);
    later(() => progress.started(0));
    later(() => progress.started(2));
    later(() => progress.status(2, states(77, 5)));
    later(() => progress.answered(0));
    expect(screen.plain).toContain('[........................] 0 of 4 tests, 1 s');
    expect(screen.plain).toContain('test-2  P3: 77 states');
    const last = screen.plain.slice(screen.plain.lastIndexOf('['));
    expect(last).toContain('[######..................] 1 of 4 tests, 2 s\n');
    expect(last).not.toContain('test-0');
    progress.close();
  });

  it('that is a part of something has a line of the whole above its own', () => {
    const screen = new Screen();
    let now = 0;
    const whole = new Whole([10, 4, 6], () => now);
    whole.next();
    const part = Object.assign(screen, { whole }) as unknown as Terminal;
    const progress = new Progress(part, ['a  P3', 'b  P3', 'c  P3', 'd  P3'], LIMITS, () => now);
    progress.answered(0);
    now += 2000;
    progress.answered(1);
    progress.close();
    expect(screen.plain).toContain('[##############..........] 12 of 20 in all, part 2 of 3, 2 ');
    expect(screen.plain).toContain('[############............] 2 of 4 tests, 2 s');
    whole.next();
    expect(whole.line(6)).toContain('20 of 20 in all, part 3 of 3');
  });

  it('of one test has that test only', () => {
    const { screen, progress, later } = progressOf(1);
    later(() => progress.started(0));
    expect(screen.plain).toContain('test-0  P3: 0 s');
    expect(screen.plain).not.toContain('of 1 tests');
    progress.close();
  });

  it('never fills a line of the terminal, nor draws faster than anybody reads', () => {
    const { screen, progress, later } = progressOf(1);
    later(() => progress.started(0));
    later(() => progress.status(0, states(123_456_789, 123_456_789)));
    const drawn = screen.text.length;
    for (let i = 0; i < 100; i++) progress.status(0, states(200_000_000, i));
    expect(screen.text.length).toBe(drawn);
    expect(screen.plain.split('\n').filter((line) => line.length >= 60)).toEqual([]);
    progress.close();
  });

  it('lets others write above it, and is gone at the end', () => {
    const { screen, progress, later } = progressOf(2);
    const order: string[] = [];
    later(() => progress.started(0));
    const before = screen.text.length;
    const out = progress.above((text) => void order.push(text, screen.text.slice(before)));
    out('an answer\n');
    // It was wiped first: lines erased, cursor up.
    expect(order[0]).toBe('an answer\n');
    expect(order[1]).toContain('\u001b[2K');
    expect(order[1]).toContain('\u001b[1A');
    later(() => progress.status(0, states(5, 5)));
    expect(screen.plain.slice(before)).toContain('5 states');
    const end = screen.text.length;
    progress.close();
    expect(stripVTControlCharacters(screen.text.slice(end)).trim()).toBe('');
    later(() => progress.status(0, states(6, 6)));
    expect(screen.plain).not.toContain('6 states');
  });
});

describe('gmemcheck check on a terminal', () => {
  const args = ['check', 'fault-vs-punch', 'close-vs-delete-slot'];

  /** On the sources there are no threads, so that only some statuses are drawn. */
  async function shown(...more: string[]) {
    const screen = new Screen();
    let out = '';
    const wiped: boolean[] = [];
    const say = (text: string): void => {
      out += text;
      wiped.push(screen.text === '' || screen.text.endsWith('\u001b[G\u001b[?2026l'));
    };
    const status = await runCommandLine(
      [...args, ...more],
      say,
      () => {},
      screen as unknown as Terminal,
    );
    return { status, out, screen, wiped };
  }

  it('answers the same, byte for byte, as without', async () => {
    const without = await gmemcheck(...args);
    const { status, out, screen, wiped } = await shown();
    expect({ status, out }).toEqual({ status: without.status, out: without.out });
    expect(screen.plain).toMatch(/0 of \d+ tests, 0 s\nfault-vs-punch {2}P2: /);
    expect(wiped).not.toContain(false);
  });

  it('nothing is drawn with --no-progress, nor in CI, nor in a pipe', async () => {
    expect((await shown('--no-progress')).screen.text).toBe('');
    const terminal = { isTTY: true } as unknown as Terminal;
    const pipe = {} as unknown as Terminal;
    expect(terminalOf(terminal, {})).toBe(terminal);
    expect(terminalOf(terminal, { CI: 'false' })).toBe(terminal);
    expect(terminalOf(terminal, { CI: 'true' })).toBeUndefined();
    expect(terminalOf(terminal, { TERM: 'dumb' })).toBeUndefined();
    expect(terminalOf(pipe, {})).toBeUndefined();
    const unsized = { isTTY: true, columns: 0 } as unknown as Terminal;
    expect(terminalOf(unsized, {})).toBeUndefined();
  });

  it('bad input is one line, with nothing drawn', async () => {
    const screen = new Screen();
    let err = '';
    const on = (text: string): void => void (err += text);
    const status = await runCommandLine(
      ['check', 'nowhere'],
      () => {},
      on,
      screen as unknown as Terminal,
    );
    expect({ status, lines: err.split('\n').length - 1 }).toEqual({ status: 2, lines: 1 });
    expect(screen.text).toBe('');
  });
});
