import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { textHash } from '../../src/check/fingerprint.js';
import { builtProgram } from './build.js';
import { namesIn, start, until } from './child.js';
import { gmemcheck, litmus, refused, tempFile } from './run.js';

/** Some seconds of search. */
const LONG = ['two-faults-vs-two-punches', '--protocol', 'P3', '--workers', '1'];

/** A second of search. */
const medium = (): string =>
  tempFile(
    'medium.litmus',
    `gmem medium
"Two faults against a punch of a page"
{ memory=sw; attr[0]=private; }
 vcpu0          | vcpu1       | host                        ;
 run: write 0 1 | run: read 0 | fallocate(PUNCH_HOLE, 0, 1) ;
expect P3: holds
`,
  );

/** A clock that runs ten times as fast: a save each second is ten in a second. */
const FAST = 'const now = performance.now.bind(performance); performance.now = () => 10 * now();';
const inHaste = (): string[] => ['--import', `data:text/javascript,${FAST}`, builtProgram()];

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return join(root, 'saved');
}

const contents = (path: string): Map<string, string> =>
  new Map(namesIn(path).map((name) => [name, textHash(readFileSync(join(path, name), 'base64'))]));

const changed = (path: string): number => statSync(path).mtimeMs;

describe('a run that is ended from outside', { timeout: 180_000 }, () => {
  it('by kill -9, then by Ctrl-C, goes on from its last save, and answers what it would have', async () => {
    const tests = ['check', 'fault-vs-punch', medium(), '--protocol', 'P3', '--brief'];
    const saved = folder();
    const more = ['--workers', '1', '--checkpoint', saved, '--checkpoint-every', '1'];
    const command = [...tests, ...more];
    const search = join(saved, '1.search');
    const killed = start(inHaste(), ...command);
    await until(() => namesIn(saved).includes('1.search'));
    killed.process.kill('SIGKILL');
    expect(await killed.ran).toMatchObject({ signal: 'SIGKILL', err: '' });

    const last = changed(search);
    const answered = changed(join(saved, '0.answer'));
    const interrupted = start(inHaste(), ...command);
    await until(() => changed(search) > last);
    interrupted.process.kill('SIGINT');
    const first = await interrupted.ran;
    expect(first.status).toBe(130);
    expect(first.out).toMatch(/^fault-vs-punch {2}P3 {2}snp {2}holds, exhaustive/);
    expect(first.out).toMatch(/medium.*undecided\n[^]*interrupted; nothing is broken by\s+runs/);
    const [printed] = /npx gmemcheck .*/.exec(first.err)!;
    expect(printed).toBe(`npx gmemcheck ${command.join(' ')}`);
    expect(first.err).toContain('interrupted; 1 of 2 tests answered; to go on:\n');
    expect(changed(join(saved, '0.answer'))).toBe(answered);

    const resumed = await start([builtProgram()], ...command).ran;
    expect(resumed).toEqual({ ...(await gmemcheck(...tests)), signal: null });
    expect(namesIn(join(saved, '..'))).toEqual([]);
  });

  it('without a place to save, says how it could have gone on', async () => {
    const command = ['check', 'fault-vs-punch', ...LONG, '--brief'];
    const { process, said, ran } = start([builtProgram()], ...command);
    await until(() => said.out.includes('holds'));
    // By then the second one is being searched, which takes seconds.
    setTimeout(() => process.kill('SIGTERM'), 500);
    const { status, out, err } = await ran;
    expect(status).toBe(143);
    expect(out).toMatch(/undecided\n[^]*interrupted/);
    expect(err).toMatch(/interrupted; 1 of 2 tests answered, nothing is saved/);
    expect(err).toContain(`npx gmemcheck ${command.join(' ')} --checkpoint FOLDER\n`);
  });
});

describe('a run that is ended by its own limit', () => {
  it('is undecided, and goes on where it may take longer', async () => {
    const saved = folder();
    const command = ['check', 'punch-vs-attribute-elsewhere', '--protocol', 'P3', '--brief'];
    const again = [...command, '--checkpoint', saved];
    // A second passes whenever anybody looks at the clock.
    let time = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 1000));
    onTestFinished(() => clock.mockRestore());
    const first = await gmemcheck(...again, '--max-time', '9');
    clock.mockRestore();
    expect(first).toMatchObject({ status: 3, out: expect.stringMatching(/hit: --max-time 9;/) });
    expect(first.err).toMatch(/^gmemcheck: 0 of 1 test answered; to go on:\n/);
    const little = await gmemcheck(...again, '--max-memory', '50');
    expect(little).toMatchObject({ status: 3, out: expect.stringMatching(/--max-memory 50;/) });
    // It has lost nothing that was there.
    expect(statesIn(first.out)).toBeGreaterThan(100);
    expect(statesIn(little.out)).toBeGreaterThanOrEqual(statesIn(first.out));
    expect(await gmemcheck(...again)).toEqual(await gmemcheck(...command));
    expect(namesIn(saved)).toEqual([]);
  });
});

const statesIn = (out: string): number => Number(/(\d+) states/.exec(out)?.[1]);

describe('a checkpoint', () => {
  /** One that a run by the name `question` has left. */
  async function left(...more: string[]): Promise<{ saved: string; command: string[] }> {
    const saved = folder();
    const question = litmus();
    const command = ['check', question, 'fault-vs-punch', '--protocol', 'P3', ...more];
    const { status } = await gmemcheck(...command, '--checkpoint', saved, '--max-memory', '1');
    expect(status).toBe(3);
    expect(namesIn(saved)).toContain('0.search');
    return { saved, command };
  }

  it('is gone when all is answered', async () => {
    const { saved, command } = await left();
    const resumed = await gmemcheck(...command, '--json', '--checkpoint', saved);
    expect(resumed).toEqual(await gmemcheck(...command, '--json'));
    expect(namesIn(saved)).toEqual([]);
    const once = await gmemcheck(...command, '--checkpoint', saved);
    expect(once).toEqual(await gmemcheck(...command));
    expect(namesIn(saved)).toEqual([]);
  });

  it('leaves what is not its own', async () => {
    const { saved, command } = await left();
    writeFileSync(join(saved, 'notes'), 'mine');
    await gmemcheck(...command, '--checkpoint', saved);
    expect(namesIn(saved)).toEqual(['notes']);
  });

  it('of another question is refused, and left alone', async () => {
    const { saved, command } = await left();
    const before = contents(saved);
    const at = ['--checkpoint', saved];
    const other = /is the checkpoint of another question: (.*)/;
    await refused(
      [...command, ...at, '--max-states', '9'],
      /--max-states was 20000000, now it is 9/,
    );
    await refused(
      [...command, ...at, '--max-depth', '9'],
      /--max-depth was not given, now it is 9/,
    );
    await refused([...command, ...at, '--memory', 'sw'], other);
    await refused([...command, ...at, '--strategy', 'contexts'], other);
    await refused([...command.slice(0, 2), ...command.slice(3), ...at], other);
    await refused(
      ['check', litmus('expect P3: holds\n'), ...command.slice(2), ...at],
      /tests was 2/,
    );
    expect(contents(saved)).toEqual(before);
  });

  it('that is damaged is refused, and left alone', async () => {
    for (const name of ['checkpoint', '0.search', '0.states']) {
      const { saved, command } = await left();
      const bytes = readFileSync(join(saved, name));
      bytes[bytes.length - 4]! ^= 1;
      writeFileSync(join(saved, name), bytes);
      const before = contents(saved);
      await refused([...command, '--checkpoint', saved], `${join(saved, name)} is damaged`);
      // The other test may have been answered meanwhile.
      const after = contents(saved);
      for (const own of ['checkpoint', '0.search', '0.states', '0.journal'])
        expect(after.get(own)).toBe(before.get(own)!);
    }
  });

  it('is a folder of its own', async () => {
    const full = folder();
    mkdirSync(full);
    writeFileSync(join(full, 'notes'), 'mine');
    const { command } = await left();
    await refused(
      [...command, '--checkpoint', full],
      /is no checkpoint: expected a new or an empty/,
    );
    await refused(
      [...command, '--checkpoint', join(full, 'notes')],
      /cannot read .*notes: it is not a folder/,
    );
    await refused([...command, '--checkpoint', '/proc/nowhere'], /cannot write .proc.nowhere/);
    await refused([...command, '--checkpoint', join(full, 'a/b')], /b: there is no such folder/);
    expect(namesIn(full)).toEqual(['notes']);
  });

  it('is used by one process at a time', async () => {
    const { saved, command } = await left();
    const stat = readFileSync(`/proc/${process.pid}/stat`, 'utf8');
    const since = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    writeFileSync(join(saved, 'in-use'), `${process.pid} ${since}`);
    await refused([...command, '--checkpoint', saved], `in use by process ${process.pid}`);
    // A process of that number, but another one.
    writeFileSync(join(saved, 'in-use'), `${process.pid} 1`);
    expect((await gmemcheck(...command, '--checkpoint', saved)).status).toBe(0);
  });
});

describe('bounds that would bound nothing are refused', () => {
  it.each([
    ['--strategy contexts --max-depth 9', /--max-depth bounds an exhaustive search/],
    ['--reduce all --max-depth 9', /--max-depth bounds an exhaustive search/],
    ['--strategy pct --max-time 9', /--runs bounds --strategy pct/],
    ['--strategy random --max-memory 9', /--runs bounds --strategy random/],
    ['--checkpoint-every 9', /--checkpoint-every needs --checkpoint FOLDER/],
    ['--max-time 0', /--max-time <seconds>.* whole number from 1/],
    ['--max-depth -1', /--max-depth/],
  ])('%s', (line, message) => refused(['check', litmus(), ...line.split(' ')], message));
});
