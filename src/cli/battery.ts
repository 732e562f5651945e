import { mutations } from '../../models/mutations/index.js';
import { distinctPairs, findClaims } from '../check/claims/asked.js';
import { protocolsOf } from '../check/expectation.js';
import { mutantsOf } from '../check/mutations/tried.js';
import { committedTests } from '../check/tests.js';
import { terminalOf } from './progress/terminal.js';
import { Whole } from './progress/whole.js';
import { runCommandLine } from './program.js';

/**
 * `npm run battery`: every test, claim and mutation, whatever those before them say. Of
 * each command how many tests it has: a bar above its own says how far all have come.
 */
const PARTS = [
  { command: ['check', '--brief'], tests: committedTests().flatMap(protocolsOf).length },
  { command: ['claims'], tests: distinctPairs(findClaims([])).length },
  { command: ['mutations'], tests: mutations.flatMap(mutantsOf).length },
];

const out = (text: string): void => void process.stdout.write(text);
const err = (text: string): void => void process.stderr.write(text);
const whole = new Whole(PARTS.map((part) => part.tests));
const stderr = terminalOf(process.stderr, process.env);
const terminal = stderr && Object.assign(stderr, { whole });

let worst = 0;
for (const { command } of PARTS) {
  out(`\ngmemcheck ${command.join(' ')}\n\n`);
  const status = await runCommandLine(command, out, err, terminal);
  worst = Math.max(worst, status);
  // Ended by a signal: that is meant for all of it.
  if (status > 128) break;
  whole.next();
}
process.exitCode = worst;
