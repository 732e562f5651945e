import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'vitest/config';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where one run of the tests has its build: `src`, `models` and `bench`, as JavaScript. */
    buildFolder: string;
  }
}

/** What threads would make slow: the command line is called hundreds of times. */
const AS_WRITTEN = /^src\/(cli|campaign)\//;

/**
 * Builds the sources as they are now, and has the tests import the build. Modules
 * that vitest transforms reach each other through objects, which costs a search a
 * third of its speed; and what is tested is what users run. The command line and
 * its campaigns stay sources: run from sources, there are no threads. In watch
 * mode all do, as vitest has to see what a test depends on.
 */
export function asBuilt(root: string): Plugin {
  let folder: string | undefined;
  let redirects = false;
  return {
    name: 'as-built',
    enforce: 'pre',
    configureVitest({ vitest, project }) {
      redirects = !vitest.config.watch;
      const make = (): void => {
        remove();
        folder = mkdtempSync(join(root, '.test-build-'));
        build(root, folder);
        project.provide('buildFolder', folder);
      };
      const remove = (): void => {
        if (folder) rmSync(folder, { recursive: true });
      };
      make();
      vitest.onTestsRerun(make);
      vitest.onClose(remove);
    },
    resolveId(name, importer) {
      if (!redirects || !importer || !/^\.{1,2}\/.*\.js$/.test(name)) return;
      const path = relative(root, resolve(dirname(importer), name));
      if (!/^(src|models|bench)\//.test(path) || AS_WRITTEN.test(path)) return;
      return { id: join(folder!, path), external: true };
    },
  };
}

function build(root: string, folder: string): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const fast = ['--noCheck', '--declaration', 'false', '--inlineSourceMap', '--outDir', folder];
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), ...fast]);
}
