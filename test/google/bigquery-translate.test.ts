import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {Evaluator} from '../evaluator/evaluator.ts';
import {findEvaluator} from '../evaluator/install.ts';
import {MISTAKES, QUERIES, VALUES, valuesQuery} from './bigquery-snippets.ts';
import {LOCATION, startTrial, type Trial} from './bigquery-try.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial({quotas: {partitionedWritesPer10Seconds: 1000}});
  await trial.games();
});
afterAll(async () => {
  await trial.server.close();
});

test('one value each', async () => {
  const rows = await trial.rows(valuesQuery());
  expect(rows.map(({v}, i) => [VALUES[i]?.[0], v])).toEqual(VALUES.map(each => [...each]));
});

describe('queries', () => {
  test.each(QUERIES)('%s', async (text, expected) => {
    const [rows] = await trial.client.query({query: text, location: LOCATION});
    expect(rows.map(row => Object.values(row))).toEqual(expected);
  });

  test('parameters are typed: texts, dates, lists, lists of structs', async () => {
    const [rows] = await trial.client.query({
      query:
        'SELECT @text AS t, @day AS d, ARRAY_LENGTH(@none) AS n, (SELECT SUM(p.points) FROM UNNEST(@list) AS p) AS s',
      location: LOCATION,
      params: {
        text: "it's",
        day: trial.client.date('2024-01-15'),
        none: [],
        list: [
          {id: 'a', points: 1},
          {id: 'b', points: 2},
        ],
      },
      types: {text: 'STRING', day: 'DATE', none: ['INT64'], list: [{id: 'STRING', points: 'INT64'}]},
    });
    expect(rows).toMatchObject([{t: "it's", d: {value: '2024-01-15'}, n: 0, s: 3}]);
  });

  test('a sum of INT64 is INT64, a column without a name has one of the order', async () => {
    const {error, id} = await trial.query('SELECT SUM(points), 1 + 1 FROM nba.games');
    expect(error).toBeUndefined();
    const [, , answer] = await trial.client
      .job(id, {location: LOCATION})
      .getQueryResults({autoPaginate: false});
    expect(answer).toMatchObject({
      schema: {
        fields: [
          {name: 'f0_', type: 'INTEGER'},
          {name: 'f1_', type: 'INTEGER'},
        ],
      },
    });
  });
});

test.each(MISTAKES)('%s is refused', async (text, message) => {
  expect((await trial.query(text)).error).toMatchObject({reason: 'invalidQuery', message});
});

const folder = findEvaluator(path.join(import.meta.dirname, '..', '..'));
if (folder === undefined)
  process.stderr.write(
    'skipped: the snippets of GoogleSQL in the reference evaluator (npm run evaluate installs it)\n',
  );

describe.skipIf(folder === undefined)('the reference evaluator says the same', () => {
  let evaluator: Evaluator;
  beforeAll(async () => {
    evaluator = await Evaluator.start(folder ?? '');
  });
  afterAll(() => evaluator.close());

  test('of each value', async () => {
    const {rows} = await evaluator.run(valuesQuery(), []);
    expect(rows.map(([, value], i) => [VALUES[i]?.[0], value])).toEqual(VALUES.map(each => [...each]));
  });

  test.each(QUERIES.filter(([text]) => !text.includes('nba')))('of %s', async (text, expected) => {
    const {rows} = await evaluator.run(text, []);
    expect(rows.map(row => [...row])).toEqual(expected);
  });

  test.each(MISTAKES.filter(([text]) => !text.includes('games')))(
    'of %s: it is refused there',
    async (text, message) => {
      const place = /at \[(\d+:\d+)\]/.exec(message)?.[1];
      const refused = await evaluator.run(text, []).catch((error: Error) => error.message);
      expect(refused).toMatch(place === undefined ? message : `[at ${place}]`);
    },
  );
});
