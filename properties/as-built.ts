import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { transformWithOxc } from 'vite';
import type { Plugin } from 'vitest/config';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where one run of the tests has its build: `src`, `models` and `bench`, as JavaScript. */
    buildFolder: string;
  }
}

const BUILT = ['src', 'models', 'bench'];

/** What threads would make slow: the command line is called hundreds of times. */
const AS_WRITTEN = /^src\/(cli|campaign)\//;

/**
 * Builds the sources as they are now, and has the tests import the build. Modules
 * that vitest transforms reach each other through objects, which costs a search a
 * third of its speed. The command line and its campaigns stay sources: run from
 * sources, there are no threads. In watch mode all do, as vitest has to see what
 * a test depends on.
 */
export function asBuilt(root: string): Plugin {
  let folder: string | undefined;
  let redirects = false;
  return {
    name: 'as-built',
    enforce: 'pre',
    async configureVitest({ vitest, project }) {
      redirects = !vitest.config.watch;
      const make = async (): Promise<void> => {
        remove();
        folder = mkdtempSync(join(root, '.test-build-'));
        await build(root, folder);
        project.provide('buildFolder', folder);
      };
      const remove = (): void => {
        if (folder) rmSync(folder, { recursive: true });
      };
      await make();
      vitest.onTestsRerun(make);
      vitest.onClose(remove);
    },
    resolveId(name, importer) {
      if (!redirects || !importer || !/^\.{1,2}\/.*\.js$/.test(name)) return;
      const path = relative(root, resolve(dirname(importer), name));
      if (!BUILT.includes(path.split('/')[0]!) || AS_WRITTEN.test(path)) return;
      return { id: join(folder!, path), external: true };
    },
  };
}

/** Takes the types away, which is all that a build does: whether they are right is not asked. */
async function build(root: string, folder: string): Promise<void> {
  const names = BUILT.flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(top, name)),
  );
  await Promise.all(
    names.map(async (name) => {
      const path = join(root, name);
      const { code, map } = await transformWithOxc(readFileSync(path, 'utf8'), path);
      const target = join(folder, name.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      const inline = Buffer.from(JSON.stringify(map)).toString('base64');
      const comment = `//# sourceMappingURL=data:application/json;base64,${inline}`;
      writeFileSync(target, `${code}\n${comment}\n`);
    }),
  );
}
