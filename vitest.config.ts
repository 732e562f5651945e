import { defineConfig } from 'vitest/config';
import { asBuilt } from './properties/as-built.js';
import { effort } from './properties/effort.js';

export default defineConfig({
  plugins: [asBuilt(import.meta.dirname)],
  test: {
    include: ['properties/**/*.test.ts'],
    testTimeout: Math.max(60_000, effort(60_000)),
    maxWorkers: '100%',
    // No file leaves anything behind that another could meet: loading the sources
    // and reading the committed tests once in each process is enough.
    isolate: false,
    // What is built runs as it is.
    server: { deps: { external: [/\/\.test-build-/] } },
  },
});
