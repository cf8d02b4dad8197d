import {defineConfig} from 'vitest/config';

export default defineConfig({
  resolve: {alias: {gameplan: new URL('./runner/asset.ts', import.meta.url).pathname}},
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 2,
    // A file finds the modules that another loaded: what a module keeps is keyed by what it is of, or is nobody's.
    isolate: false,
    // Threads that a test starts take these arguments over.
    execArgv: ['--import', new URL('./test/kit/strip-once.ts', import.meta.url).href],
  },
});
