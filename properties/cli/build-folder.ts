import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where one run of the tests has its build; see build.ts. */
    buildFolder: string;
  }
}

/** Before all tests: a place for a build, which is made only if a test asks for it. */
export default function setup(project: TestProject): () => void {
  const folders: string[] = [];
  const provide = (): void => {
    folders.push(mkdtempSync(join(tmpdir(), 'gmemcheck-build-')));
    project.provide('buildFolder', folders.at(-1)!);
  };
  provide();
  // In watch mode the sources have changed.
  project.onTestsRerun(provide);
  return () => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  };
}
