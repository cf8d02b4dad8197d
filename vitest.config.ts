import {defineConfig} from 'vitest/config';

export default defineConfig({
  resolve: {alias: {gameplan: new URL('./runner/asset.ts', import.meta.url).pathname}},
  test: {include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000, pool: 'forks'},
});
