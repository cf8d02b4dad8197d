import {defineConfig} from 'vitest/config';

export default defineConfig({
  resolve: {alias: {gameplan: new URL('./runner/asset.ts', import.meta.url).pathname}},
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
