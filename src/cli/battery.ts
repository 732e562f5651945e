import { terminalOf } from './progress/terminal.js';
import { runCommandLine } from './program.js';

/** `npm run battery`: every test, claim and mutation, whatever those before them say. */
const COMMANDS = [['check', '--brief'], ['claims'], ['mutations']];

const out = (text: string): void => void process.stdout.write(text);
const err = (text: string): void => void process.stderr.write(text);
const terminal = terminalOf(process.stderr, process.env);

let worst = 0;
for (const command of COMMANDS) {
  out(`\ngmemcheck ${command.join(' ')}\n\n`);
  const status = await runCommandLine(command, out, err, terminal);
  worst = Math.max(worst, status);
  // Ended by a signal: that is meant for all of it.
  if (status > 128) break;
}
process.exitCode = worst;
