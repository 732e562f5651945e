#!/usr/bin/env node
import { terminalOf } from './progress/terminal.js';
import { runCommandLine } from './program.js';

// A reader that has seen enough (head, less) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
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
