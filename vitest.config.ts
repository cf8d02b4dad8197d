import {configDefaults, defineConfig} from 'vitest/config';

/**
 * They fill whole seasons, tell a long story of the shipped pipeline, or take long for what smaller ones try as well:
 * `npm run test:seasons`.
 */
const SEASONS = [
  'docs/long-pages',
  'docs/site',
  'nba/backfill',
  'nba/bigquery',
  'nba/game-day',
  'nba/leak',
  'nba/lines',
  'nba/nights/*',
  'nba/orders',
  'nba/page',
  'nba/recorded',
  'nba/recovery',
  'nba/restated',
  'nba/simulated',
  'nba/trust',
  'planner/manifest-hostile',
  'runner/bigquery-crash',
  'runner/copy',
  'runner/copy-bigquery',
].map(name => `test/${name}.test.ts`);

export default defineConfig({
  resolve: {alias: {gameplan: new URL('./runner/asset.ts', import.meta.url).pathname}},
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...SEASONS],
        },
      },
      {extends: true, test: {name: 'seasons', include: SEASONS}},
    ],
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
