import { defineConfig } from 'vitest/config';
import { asBuilt } from './properties/as-built.js';
import { effort } from './properties/effort.js';

export default defineConfig({
  plugins: [asBuilt(import.meta.dirname)],
  test: {
    include: ['properties/**/*.test.ts'],
    setupFiles: ['properties/say-seed.ts'],
    testTimeout: Math.max(60_000, effort(60_000)),
    maxWorkers: '100%',
    // No file leaves anything behind that another could meet: loading the sources
    // and reading the committed tests once in each process is enough.
    isolate: false,
    // Searches make much that is soon garbage: room for it is a tenth of the time.
    execArgv: ['--max-semi-space-size=64'],
    // What is built runs as it is.
    server: { deps: { external: [/\/\.test-build-/] } },
  },
});
