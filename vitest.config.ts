import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['properties/**/*.test.ts'],
    globalSetup: 'properties/cli/build-folder.ts',
    testTimeout: 60_000,
    maxWorkers: '100%',
    // What is built runs as it is.
    server: { deps: { external: [/\/gmemcheck-build-/] } },
  },
});
