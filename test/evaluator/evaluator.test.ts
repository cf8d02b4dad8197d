import {readFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {judgePortability} from '../../planner/portability.ts';
import {COMMON_FUNCTIONS} from '../../planner/portable-functions.ts';
import {functionsOf} from '../../runner/functions.ts';
import {readSources} from '../../runner/project.ts';
import {AGGREGATES, SCALARS, WINDOWED} from './common-cases.ts';
import {Evaluator, EvaluatorError} from './evaluator.ts';
import {findEvaluator} from './install.ts';
import {queriesOf, shippedPipeline} from './queries.ts';
import {randomCase} from './random-case.ts';
import {compareEngines} from './report.ts';
import {tryCase} from './trial.ts';

const root = path.join(import.meta.dirname, '..', '..');
const folder = findEvaluator(root);
if (folder === undefined) {
  process.stderr.write('skipped: shipped SQL in the reference evaluator (npm run evaluate installs it)\n');
}

test('random rows depend on the seed alone, and every table that is read has some', () => {
  const pipeline = shippedPipeline(root);
  // Some of them tell as much as all.
  for (const {asset} of queriesOf(pipeline).filter((_, i) => i % 4 === 0)) {
    const first = randomCase(asset, pipeline, 1);
    const text = JSON.stringify(first);
    expect(JSON.stringify(randomCase(asset, pipeline, 1)) === text).toBe(true);
    expect(JSON.stringify(randomCase(asset, pipeline, 2)) === text).toBe(false);
    for (const [edge, rows] of Object.entries(first.inputs))
      expect([asset.name, edge, rows.length > 0]).toEqual([asset.name, edge, true]);
  }
});

test('every function that the lint lets pass is tried on both engines, and stands in the docs', () => {
  const calls = [...SCALARS, ...AGGREGATES, ...WINDOWED].join(' ').toLowerCase();
  const docs = readFileSync(path.join(root, 'docs', 'bigquery.md'), 'utf8').toLowerCase();
  const isCalled = (name: string) => new RegExp(`\\b${name}\\(`).test(calls);
  expect([...COMMON_FUNCTIONS].filter(name => !isCalled(name))).toEqual([]);
  expect(
    [...COMMON_FUNCTIONS, ...functionsOf('bigquery').keys()].filter(
      name => !new RegExp(`\\b${name}\\b`).test(docs),
    ),
  ).toEqual([]);
});

test('nothing in the shipped queries is not portable', async () => {
  const pipeline = shippedPipeline(root);
  const {sources} = await readSources({root, pipeline, engine: 'bigquery'});
  expect(judgePortability(pipeline, sources).map(({message}) => message)).toEqual([]);
});

describe.skipIf(folder === undefined)('the reference evaluator', () => {
  let evaluator: Evaluator;
  beforeAll(async () => {
    evaluator = await Evaluator.start(folder ?? '');
  });
  afterAll(() => evaluator.close());

  test('gives the rows of DuckDB for every shipped query and function', async () => {
    const lines = [];
    for await (const line of compareEngines(root, evaluator, 1)) lines.push(line);
    expect(lines.filter(({differences}) => differences.length > 0)).toEqual([]);
    expect(lines.filter(({rows}) => rows === 0)).toEqual([]);
    expect(lines.length).toBeGreaterThan(25);
  });

  test.each([
    ['CAST(home_score + 0.5e0 AS INT64)', /home_score is \d+, expected \d+/],
    ['GREATEST(home_score, away_score)', /home_score is \d+, expected null/],
    ['home_score::INT64', /GoogleSQL: Syntax error.*\[at 13:\d+\]/],
    ['IFNULL(SAFE.SQRT(home_score), 0)', /DuckDB: .*safe/i],
  ])('tells that %s is not the same in both', async (expression, told) => {
    const pipeline = shippedPipeline(root);
    const {sources} = await readSources({root, pipeline});
    const games = queriesOf(pipeline).find(({path: file}) => file === 'assets/raw/games.sql');
    if (games === undefined) throw new Error('no games');
    const source = sources.queries.get(games.path);
    const text = (source?.text ?? '').replace('schedule.home_score', `${expression} AS home_score`);
    const queries = new Map(sources.queries).set(games.path, {path: games.path, text});
    const about = {asset: games.asset, pipeline, sources: {...sources, queries}, evaluator};
    const {differences} = await tryCase(randomCase(games.asset, pipeline, 3), about);
    expect(differences.join('\n')).toMatch(told);
  });

  test('refuses a query with the reason and the place', async () => {
    await expect(evaluator.run('SELECT 1 +', [])).rejects.toThrow(EvaluatorError);
    await expect(evaluator.run('SELECT a FROM b', [])).rejects.toThrow(/b.*\[at 1:15\]/);
  });
});
