/** Events of OpenLineage as a server gets them, and as a file holds them. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {lineageOf} from '../../cli/openlineage.ts';
import {OpenLineageJudge} from '../kit/openlineage.ts';
import {Receiver} from '../kit/receiver.ts';
import {DOWN, SECRET, WatchedProject} from './watched-project.ts';

const judge = new OpenLineageJudge();
let project: WatchedProject;
beforeEach(async () => {
  project = await WatchedProject.open();
});
afterEach(() => project.remove());

interface Facet {
  readonly partitions?: readonly {readonly key: string; readonly outcome?: string}[];
  readonly message?: string;
  readonly rowCount?: number;
}
interface Dataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Readonly<Record<string, Facet>>;
  readonly outputFacets?: Readonly<Record<string, Facet>>;
}
interface LineageEvent {
  readonly eventType: string;
  readonly run: {readonly runId: string; readonly facets: Readonly<Record<string, Facet>>};
  readonly job: {readonly namespace: string; readonly name: string};
  readonly inputs: readonly Dataset[];
  readonly outputs: readonly Dataset[];
}

function check(events: readonly unknown[]): readonly LineageEvent[] {
  for (const event of events) expect(judge.mistakes(event as object)).toEqual([]);
  return events as readonly LineageEvent[];
}

const LINES = {OPENLINEAGE__TRANSPORT__TYPE: 'file', OPENLINEAGE__TRANSPORT__LOG_FILE_PATH: 'lineage.jsonl'};
const lines = () =>
  readFileSync(path.join(project.root, 'lineage.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as unknown);

describe('to a server', () => {
  test('every run and batch begins and ends, with what it read and wrote, as the specification has it', async () => {
    const receiver = await Receiver.open(201);
    try {
      project.watch({
        OPENLINEAGE_URL: receiver.url,
        OPENLINEAGE_API_KEY: 'k1',
        OPENLINEAGE_NAMESPACE: 'league',
      });
      const {err} = await project.run('materialize');
      expect(err).toBe('');
      expect([receiver.posts[0]?.path, receiver.posts[0]?.headers['authorization']]).toEqual([
        '/api/v1/lineage',
        'Bearer k1',
      ]);
      const events = check(receiver.posts.map(({body}) => body));
      expect(JSON.stringify(events)).not.toContain(SECRET);
      const byRun = Map.groupBy(events, ({run}) => run.runId);
      for (const own of byRun.values()) {
        expect(own.map(({eventType}) => eventType)).toEqual([
          'START',
          expect.stringMatching(/^(COMPLETE|FAIL)$/),
        ]);
      }
      expect(events[0]?.job).toMatchObject({namespace: 'league', name: 'toy'});
      expect(events.at(-1)).toMatchObject({
        eventType: 'FAIL',
        job: {name: 'toy'},
        run: {facets: {errorMessage: {message: '1 of 9 partitions failed or were held back'}}},
      });
      const ends = events.filter(({eventType}) => eventType !== 'START');
      const totals = ends.find(({job}) => job.name === 'toy.stats.totals');
      expect(totals).toMatchObject({
        eventType: 'COMPLETE',
        run: {
          facets: {parent: {job: {namespace: 'league', name: 'toy'}, run: {runId: events[0]?.run.runId}}},
        },
        inputs: [{namespace: `duckdb://${project.root}/.gameplan/warehouse.duckdb`, name: 'raw.points'}],
        outputs: [
          {
            name: 'stats.totals',
            facets: {
              schema: {
                fields: [
                  {name: 'game_date', type: 'date'},
                  {name: 'total', type: 'int64'},
                ],
              },
              gameplan_quality: {partitions: [{score: 100, warnings: []}]},
            },
            outputFacets: {outputStatistics: {rowCount: 1}},
          },
        ],
      });
      const failed = ends.find(({eventType, job}) => eventType === 'FAIL' && job.name === 'toy.landing.box');
      expect(failed).toMatchObject({
        run: {facets: {errorMessage: {message: expect.stringContaining('HTTP 503')}}},
        outputs: [
          {
            namespace: 'file',
            name: `${project.root}/.gameplan/store/box`,
            facets: {gameplan_partitions: {grain: 'date', partitions: [{key: DOWN, outcome: 'failed'}]}},
          },
        ],
      });
      const warned = ends
        .filter(({job}) => job.name === 'toy.raw.points')
        .find(({run}) => JSON.stringify(run.facets).includes('"fail"'));
      expect(warned?.outputs[0]?.facets).toMatchObject({
        gameplan_quality: {
          partitions: expect.arrayContaining([expect.objectContaining({key: '2024-01-18', score: 95})]),
        },
      });
    } finally {
      receiver.close();
    }
  });

  test.each([503, undefined])('one that answers %s is told of once and stops no run', async status => {
    const receiver = await Receiver.open(status ?? 200);
    const {url} = receiver;
    if (status === undefined) receiver.close();
    try {
      project.watch({OPENLINEAGE_URL: url});
      const {code, err} = await project.run('materialize', 'landing.box', '--dates', '2024-01-15');
      expect([code, err]).toEqual([0, `warning: 4 events of lineage did not reach ${url}.\n`]);
    } finally {
      receiver.close();
    }
  });
});

describe('to a file', () => {
  test('a line each, those of the next run after them; the ids of a run are its own', async () => {
    project.watch(LINES);
    for (let i = 0; i < 2; i++)
      await project.run('materialize', 'landing.box', '--dates', '2024-01-15', '--force');
    const events = check(lines());
    expect(events.map(({eventType}) => eventType)).toEqual(
      Array.from({length: 2}, () => ['START', 'START', 'COMPLETE', 'COMPLETE']).flat(),
    );
    expect(new Set(events.map(({run}) => run.runId)).size).toBe(4);
  });

  test('what is cancelled is told as aborted', async () => {
    project.watch(LINES);
    project.onOutput = () => project.interrupt();
    await project.run('materialize', '--json');
    const last = check(lines()).at(-1);
    expect(last?.eventType).toMatch(/^(ABORT|FAIL)$/);
  });

  test('one that cannot be written is told of once', async () => {
    project.watch({...LINES, OPENLINEAGE__TRANSPORT__LOG_FILE_PATH: 'none/lineage.jsonl'});
    const {code, err} = await project.run('materialize', 'landing.box', '--dates', '2024-01-15');
    expect([code, err]).toEqual([0, expect.stringMatching(/^warning: No lineage is written: ENOENT.*\n$/)]);
  });
});

test.each([
  [{OPENLINEAGE__TRANSPORT__TYPE: 'kafka'}, "is 'kafka', and only http and file"],
  [{OPENLINEAGE__TRANSPORT__TYPE: 'file'}, 'name it with OPENLINEAGE__TRANSPORT__LOG_FILE_PATH'],
  [{OPENLINEAGE__TRANSPORT__TYPE: 'http'}, 'Set OPENLINEAGE_URL as well'],
  [{OPENLINEAGE_URL: 'marquez'}, "'marquez' is no URL of http or https"],
  [{OPENLINEAGE_URL: 'http://127.0.0.1:9', OPENLINEAGE_DISABLED: 'true'}, ''],
  [{}, ''],
])('%j sends nothing, and says: %s', (env, said) => {
  const told: string[] = [];
  const world = {env, complain: (text: string) => void told.push(text), version: '1', now: Date.now};
  // Of the project nothing is looked at.
  expect(lineageOf({project: {} as never, run: 'r1', world})).toBeUndefined();
  expect(told.join('')).toMatch(said === '' ? /^$/ : /^warning: No lineage is sent: .*\n$/);
  expect(told.join('')).toContain(said);
});

test('the judge of these tests finds what is wrong', () => {
  const start = {eventType: 'BEGIN', eventTime: 'now', producer: 'x', run: {runId: '1', facets: {extra: {}}}};
  const found = judge.mistakes(start).join('\n');
  for (const part of ['/eventType', '/eventTime', '/producer', '/run/runId', '/run/facets', "'job'"])
    expect(found).toContain(part);
});
