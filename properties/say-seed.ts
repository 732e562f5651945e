import { beforeEach } from 'vitest';
import { seedText } from './model/seed.js';
import { isSeeded } from './seeded.js';

/** What fails in a file that takes seeds says which one it had, whoever drew from it. */
beforeEach(({ onTestFailed }) => {
  onTestFailed(({ task }) => {
    if (!isSeeded(task.file.filepath)) return;
    for (const error of task.result?.errors ?? []) {
      error.message = `${error.message}\n${seedText}`;
      if (error.stack !== undefined) error.stack = `${error.stack}\n${seedText}`;
    }
  });
});
