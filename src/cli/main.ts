#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { terminalOf } from './progress/terminal.js';
import { runCommandLine } from './program.js';

// A file that is run as code may end all of this; that is not to pass for an answer.
let isAnswered = false;
const SIGNALLED = 128;
process.on('exit', (code) => {
  if (isAnswered || code >= SIGNALLED) return;
  writeSync(
    2,
    'gmemcheck: it has ended without an answer: is process.exit() called in a variant?\n',
  );
  process.exitCode = 2;
});

// A reader that has seen enough (head, less) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  isAnswered = true;
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`gmemcheck: cannot write the answer: ${error.code}\n`);
  process.exit(2);
});

process.exitCode = await runCommandLine(
  process.argv.slice(2),
  (text) => void process.stdout.write(text),
  (text) => void process.stderr.write(text),
  terminalOf(process.stderr, process.env),
);
isAnswered = true;
