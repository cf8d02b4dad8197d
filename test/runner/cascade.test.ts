/** Sources that fail and what stands in for them, through real HTTP: which rows are taken, what is recorded, what heals. */
import {afterEach, expect, test} from 'vitest';
import type {OutcomeBatch} from '../../runner/ledger.ts';
import {LedgerError} from '../../runner/ledger-error.ts';
import {StoreError} from '../../runner/store.ts';
import {type Warehouse, WarehouseError} from '../../runner/warehouse.ts';
import {type Answering, Answers} from '../kit/answers.ts';
import {
  at,
  ended,
  lines,
  manifest,
  Project,
  rowsFrom,
  SCHEDULE,
  scheduledCalendar,
  tally,
} from '../kit/project.ts';

const NOW = at('2024-01-10T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03'];
const [FIRST = '', SECOND = '', THIRD = ''] = DATES;
const gamesOn = (date: string): readonly string[] => [`${date}-a`, `${date}-b`];

/** What each site answers by `site date`; what is not named is whole. */
type Answered = readonly {game: string; player: string; points: number}[] | Answering;
let world: Record<string, Answered> = {};
let project: Project;
let answers: Answers;
afterEach(() => {
  project.remove();
  answers.close();
  world = {};
});

const rowsOf = (date: string, points: number, games = gamesOn(date)) =>
  games.flatMap(game => ['p1', 'p2'].map(player => ({game, player, points})));
const POINTS: Record<string, number> = {nba: 10, bdl: 20, espn: 30};

const answering: Answering = asked => {
  const [, site = '', date = ''] = asked.path.split('/');
  const said = world[`${site} ${date}`] ?? world[site] ?? rowsOf(date, POINTS[site] ?? 0);
  return typeof said === 'function' ? said(asked) : JSON.stringify({rows: said});
};
const down: Answering = ({response}) => {
  response.statusCode = 500;
  return 'down';
};

const fetching = (site: string): string => `import {EmptyAnswer, type Files, z} from 'gameplan';
const Shape = z.object({rows: z.array(z.object({game: z.string()}))});
export const files: Files = async ({partition, site, put}) => {
  const answer = await site.get('/${site}/' + partition.key);
  await put('answer.json', answer.bytes);
  const games = [...new Set(answer.json(Shape).rows.map(row => row.game))];
  if (games.length === 0) throw new EmptyAnswer('answered 200 with no rows');
  return {games};
};
`;
const LANDED = `import {type Rows, z} from 'gameplan';
const Shape = z.object({rows: z.array(z.object({game: z.string(), player: z.string(), points: z.number()}))});
export const rows: Rows = async ({partition, source, inputs}) => {
  const found = [];
  for await (const object of inputs[source].objects()) {
    for (const row of object.json(Shape).rows)
      found.push({game_date: partition.key, game_id: row.game, player: row.player, points: row.points});
  }
  return found;
};
`;
const BOX = {
  rows: 'assets/box.ts',
  sources: [
    {name: 'nba', upstream: 'landing.nba'},
    {
      name: 'bdl',
      upstream: 'landing.bdl',
      quality: 85,
      checks: [{zero_share: {column: 'points', at_most: '40%'}}],
    },
    {name: 'espn', upstream: 'landing.espn', quality: 70},
  ],
  columns: {game_date: 'date', game_id: 'string', player: 'string', points: 'int64', _source: 'string'},
  key: ['game_id', 'player'],
  covers: {column: 'game_id', rows_per_game: {min: 2}},
  checks: [{zero_share: {column: 'points', at_most: '35%'}}],
};
const SUMMARY = {
  sql: 'assets/summary.sql',
  upstream: {box: 'raw.box'},
  columns: {game_date: 'date', player: 'string', points: 'int64'},
  key: ['game_date', 'player'],
};

async function open(box: object = {}): Promise<void> {
  answers = await Answers.open(answering);
  const landing = Object.fromEntries(
    ['nba', 'bdl', 'espn'].map(site => [
      `landing.${site}`,
      {files: `assets/${site}.ts`, path: `${site}/{game_date}/`, site: 'league', retries: 0, timeout: '3s'},
    ]),
  );
  const text = manifest({
    calendars: scheduledCalendar({timezone: 'UTC'}),
    sites: {league: {url: answers.url, concurrency: 4}},
    assets: {'raw.schedule': SCHEDULE, ...landing, 'raw.box': {...BOX, ...box}, 'mart.summary': SUMMARY},
  });
  project = new Project(
    {
      'pipeline.yaml': text,
      'assets/nba.ts': fetching('nba'),
      'assets/bdl.ts': fetching('bdl'),
      'assets/espn.ts': fetching('espn'),
      'assets/box.ts': LANDED,
      'assets/schedule.ts': rowsFrom('schedule'),
      'assets/summary.sql':
        'SELECT game_date, player, CAST(sum(points) AS BIGINT) AS points FROM box GROUP BY ALL',
    },
    NOW,
  );
  const games = DATES.flatMap(date =>
    gamesOn(date).map((game_id, i) => ({
      season: '2023-24',
      game_id,
      game_date: date,
      home: `H${i}`,
      away: `A${i}`,
      status: 'final',
    })),
  );
  project.data('schedule', {'2023-24': games});
}

const sourcesOn = async (date: string) =>
  project.query(
    `SELECT game_id, _source, min(points)::INT FROM raw.box WHERE game_date = '${date}' GROUP BY ALL ORDER BY ALL`,
  );
const triesOf = async (key: string) => {
  const target = await project.open();
  try {
    return target.ledger
      .tries({asset: 'raw.box', key}, 20)
      .map(({source, outcome, found, expected}) => `${source} ${outcome} ${found}/${expected}`)
      .reverse();
  } finally {
    await target.close();
  }
};
const eventsOf = async (asset: string, key: string) => {
  const target = await project.open();
  try {
    return target.ledger
      .events({assets: [asset], key})
      .map(({kind, source, game}) => [kind, source, game].filter(each => each !== undefined).join(' '))
      .reverse();
  } finally {
    await target.close();
  }
};

test('a covering first source is all that is asked, and the others end as not needed', async () => {
  await open();
  const done = await project.materialize();
  expect(tally(done)).toEqual({succeeded: 10, 'not-needed': 6});
  expect(answers.total).toBe(3);
  expect(await sourcesOn(FIRST)).toEqual(gamesOn(FIRST).map(game => [game, 'nba', 10]));
  expect(await triesOf(FIRST)).toEqual(['nba covered 2/2']);
  expect(lines(await project.plan())).not.toContain(expect.stringContaining('run'));
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('the plan lists lower sources as needed only if a better one fails, and a fresh table asks for none', async () => {
  await open();
  await project.materialize({select: 'raw.schedule'});
  expect(lines(await project.plan())).toContain(
    `landing.bdl@${FIRST} exempt run-if: on-demand, if-source-fails`,
  );
  await project.materialize();
  expect(lines(await project.plan()).filter(each => !each.includes('exempt -: on-demand'))).toEqual([]);
});

test.each<[string, Answered, string]>([
  ['is down', down, 'nba error 0/2'],
  ['answers 200 and nothing', [], 'nba empty 0/2'],
  ['times out', () => undefined, 'nba timeout 0/2'],
  ['answers HTML', () => '<html>Sorry</html>', 'nba error 0/2'],
])('a source that %s is replaced by the next', async (_, answer, tried) => {
  await open();
  world = {[`nba ${SECOND}`]: answer};
  const done = await project.materialize();
  expect(done.outcomes.get(`raw.box@${SECOND}`)).toBe('succeeded');
  expect(await sourcesOn(SECOND)).toEqual(gamesOn(SECOND).map(game => [game, 'bdl', 20]));
  expect(await sourcesOn(THIRD)).toEqual(gamesOn(THIRD).map(game => [game, 'nba', 10]));
  expect(await triesOf(SECOND)).toEqual([tried, 'bdl covered 2/2']);
  expect(done.outcomes.get(`landing.espn@${SECOND}`)).toBe('not-needed');
  expect((await eventsOf('raw.box', SECOND)).at(-1)).toBe('fallback-used bdl');
});

test('what the store cannot read for a moment is no source that failed', async () => {
  await open();
  let isBroken = true;
  const done = await project.materialize({
    through: workshop => ({
      ...workshop,
      store: () => ({
        ...workshop.store(),
        read: async (path, generation, name) => {
          if (isBroken && path === `nba/${SECOND}/`) throw new StoreError('other', 'The share is gone.');
          return await workshop.store().read(path, generation, name);
        },
      }),
    }),
  });
  expect(done.errors.get(`raw.box@${SECOND}`)).toBe('The share is gone.');
  expect(done.outcomes.get(`raw.box@${FIRST}`)).toBe('succeeded');
  isBroken = false;
  await project.materialize();
  expect(await sourcesOn(SECOND)).toEqual(gamesOn(SECOND).map(game => [game, 'nba', 10]));
});

test.each(['denied', 'absent', 'fenced', 'other'] as const)(
  'where the warehouse says %s, no source is done without',
  async kind => {
    await open();
    let isBroken = true;
    const done = await project.materialize({
      through: workshop => ({
        ...workshop,
        warehouse: async waitMs =>
          new Proxy(await workshop.warehouse(waitMs), {
            get(target, name) {
              const found: unknown = Reflect.get(target, name);
              if (name !== 'stageRows') return typeof found === 'function' ? found.bind(target) : found;
              return async (...given: Parameters<Warehouse['stageRows']>) => {
                const isHit = isBroken && given[0].partitions.some(({key}) => key === SECOND);
                if (isHit) throw new WarehouseError(kind, 'It may not be done.');
                return await target.stageRows(...given);
              };
            },
          }),
      }),
    });
    expect(done.errors.get(`raw.box@${SECOND}`)).toBe('It may not be done.');
    isBroken = false;
    await project.materialize();
    expect(await sourcesOn(SECOND)).toEqual(gamesOn(SECOND).map(game => [game, 'nba', 10]));
  },
);

test('what was tried and told is recorded too where a run dies before the ledger hears of its rows', async () => {
  await open();
  world = {[`nba ${SECOND}`]: down};
  const dying = project.materialize({
    through: workshop => ({
      ...workshop,
      ledger: new Proxy(workshop.ledger, {
        get(target, name) {
          const found: unknown = Reflect.get(target, name);
          if (name !== 'recordOutcomes') return typeof found === 'function' ? found.bind(target) : found;
          return (batch: OutcomeBatch) => {
            const isLost = batch.intents !== undefined && batch.outcomes[0]?.key === SECOND;
            if (!isLost || batch.outcomes[0]?.asset !== 'raw.box') return target.recordOutcomes(batch);
            throw new LedgerError('busy', {path: 'ledger', problem: 'is in use', mend: 'Wait.'});
          };
        },
      }),
    }),
  });
  await expect(dying).rejects.toThrow("The ledger 'ledger' is in use.");
  const next = await project.materialize();
  expect(next.outcomes.get(`raw.box@${SECOND}`)).toBe('not-needed');
  expect(await triesOf(SECOND)).toEqual(['nba error 0/2', 'bdl covered 2/2']);
  expect(await eventsOf('raw.box', SECOND)).toEqual(['source-error nba', 'fallback-used bdl']);
});

test('rows that fail a check of their source or of the table are no answer', async () => {
  await open();
  const zeros = (share: number) =>
    gamesOn(FIRST).flatMap(game =>
      ['p1', 'p2', 'p3', 'p4', 'p5'].map((player, i) => ({game, player, points: i < share * 5 ? 0 : 7})),
    );
  world = {[`nba ${FIRST}`]: zeros(0.4), [`bdl ${FIRST}`]: zeros(0.6)};
  await project.materialize();
  expect(await triesOf(FIRST)).toEqual(['nba rejected 2/2', 'bdl rejected 2/2', 'espn covered 2/2']);
  expect((await sourcesOn(FIRST)).map(([, source]) => source)).toEqual(['espn', 'espn']);
});

test('of sources that do not cover, the one with the most games is taken, and the rest is a gap', async () => {
  await open({covers: {column: 'game_id', rows_per_game: {min: 2}}});
  const [one = '', two = ''] = gamesOn(FIRST);
  world = {
    [`nba ${FIRST}`]: [{game: one, player: 'p1', points: 1}],
    [`bdl ${FIRST}`]: rowsOf(FIRST, 20, [two]),
    [`espn ${FIRST}`]: down,
  };
  const done = await project.materialize();
  expect(await triesOf(FIRST)).toEqual(['nba empty 0/2', 'bdl partial 1/2', 'espn error 0/2']);
  expect(await sourcesOn(FIRST)).toEqual([[two, 'bdl', 20]]);
  expect(done.outcomes.get(`mart.summary@${FIRST}`)).toBe('skipped');
  expect(lines(await project.plan())).toContain(`raw.box@${FIRST} partial -: below-coverage`);
});

test('one row where many are expected is never fresh, and what reads it waits', async () => {
  await open();
  const [game = ''] = gamesOn(FIRST);
  const single = [{game, player: 'p1', points: 1}];
  world = {[`nba ${FIRST}`]: single, [`bdl ${FIRST}`]: single, [`espn ${FIRST}`]: single};
  const done = await project.materialize();
  expect(await triesOf(FIRST)).toEqual(['nba empty 0/2', 'bdl empty 0/2', 'espn empty 0/2']);
  expect(await sourcesOn(FIRST)).toEqual([]);
  expect(done.outcomes.get(`mart.summary@${FIRST}`)).toBe('skipped');
  const told = lines(await project.plan()).filter(line => /^(raw.box|mart)/.test(line));
  expect(told).toEqual([
    `raw.box@${FIRST} missing run: never-materialized, last-attempt-failed`,
    `mart.summary@${FIRST} missing run: never-materialized`,
  ]);
});

test('filling takes from each source the games that better ones lack', async () => {
  await open({take: 'fill'});
  const [one = '', two = ''] = gamesOn(FIRST);
  world = {[`nba ${FIRST}`]: rowsOf(FIRST, 10, [one]), [`bdl ${FIRST}`]: rowsOf(FIRST, 20)};
  await project.materialize();
  expect(await sourcesOn(FIRST)).toEqual([
    [one, 'nba', 10],
    [two, 'bdl', 20],
  ]);
  expect(await triesOf(FIRST)).toEqual(['nba partial 1/2', 'bdl covered 2/2']);
  expect(await eventsOf('raw.box', FIRST)).toContain(`fallback-used bdl ${two}`);
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('when the better source is back, only what was made without it is made again', async () => {
  await open();
  world = {nba: down};
  await project.materialize();
  expect((await sourcesOn(FIRST)).map(([, source]) => source)).toEqual(['bdl', 'bdl']);
  world = {[`nba ${SECOND}`]: down, [`nba ${THIRD}`]: down};
  const asked = answers.total;
  const done = await project.materialize({now: NOW + 2 * 3_600_000});
  expect(done.outcomes.get(`raw.box@${FIRST}`)).toBe('succeeded');
  expect(done.outcomes.get(`mart.summary@${FIRST}`)).toBe('succeeded');
  expect(ended(done).filter(each => /raw.box|mart/.test(each) && each.endsWith('succeeded'))).toHaveLength(2);
  expect(answers.total - asked).toBe(3);
  expect((await sourcesOn(FIRST)).map(([, source]) => source)).toEqual(['nba', 'nba']);
});

test('a lower source that arrives changes nothing where a better one was taken', async () => {
  await open();
  await project.materialize();
  expect(tally(await project.materialize({select: 'landing.bdl', force: true}))).toEqual({succeeded: 3});
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('what no source has is missing with every try on record, and is tried again when one of them arrives', async () => {
  await open();
  world = {[`nba ${FIRST}`]: [], [`bdl ${FIRST}`]: down, [`espn ${FIRST}`]: []};
  const done = await project.materialize();
  expect(done.outcomes.get(`raw.box@${FIRST}`)).toBe('failed');
  expect(done.errors.get(`raw.box@${FIRST}`)).toMatch(/nba: .*no rows; bdl: .*500.*; espn: .*no rows/);
  expect(await triesOf(FIRST)).toEqual(['nba empty 0/2', 'bdl error 0/2', 'espn empty 0/2']);
  expect((await eventsOf('raw.box', FIRST)).at(-1)).toBe('fallback-failed');
  world = {[`nba ${FIRST}`]: [], [`bdl ${FIRST}`]: down};
  const again = await project.materialize({now: NOW + 30 * 3_600_000});
  expect(again.outcomes.get(`raw.box@${FIRST}`)).toBe('succeeded');
  expect((await sourcesOn(FIRST)).map(([, source]) => source)).toEqual(['espn', 'espn']);
});

test.each([
  ['empty', 0],
  ['placeholder', 2],
] as const)(
  'where nothing is to be missing, %s stands in and counts as no game held',
  async (stands, count) => {
    await open({on_missing: stands, sources: BOX.sources.slice(0, 1), empty: 'allowed'});
    world = {[`nba ${FIRST}`]: down};
    await project.materialize();
    expect(
      await project.query(`SELECT count(*), count(points) FROM raw.box WHERE game_date = '${FIRST}'`),
    ).toEqual([[count, 0]]);
    expect(lines(await project.plan())).toContain(
      `raw.box@${FIRST} partial run-if: below-coverage, upstream-planned`,
    );
  },
);

test('better rows are not replaced by those of a lower source while the better ones stand', async () => {
  await open();
  await project.materialize();
  world = {[`nba ${FIRST}`]: rowsOf(FIRST, 0)};
  await project.materialize({select: 'landing.nba', range: {keys: [FIRST]}, force: true});
  const done = await project.materialize();
  expect(done.outcomes.get(`raw.box@${FIRST}`)).toBe('quarantined');
  expect(done.errors.get(`raw.box@${FIRST}`)).toMatch(
    /'bdl' \(at most 85\).*better data is not replaced by worse/,
  );
  expect((await sourcesOn(FIRST)).map(([, source]) => source)).toEqual(['nba', 'nba']);
});

test('better sources are asked again on the clock of improve, for as long as it says', async () => {
  await open({improve: {every: '24h', until: '3d'}});
  const zeros = rowsOf(FIRST, 0);
  world = {[`nba ${FIRST}`]: zeros};
  await project.materialize();
  const day = 86_400_000;
  expect(lines(await project.plan({now: NOW + day / 2})).filter(each => each.includes('better'))).toEqual([]);
  expect(lines(await project.plan({now: NOW + day}))).toContain(
    `landing.nba@${FIRST} fresh run: better-source`,
  );
  expect(lines(await project.plan({now: NOW + 4 * day})).filter(each => each.includes('better'))).toEqual([]);
  world = {};
  const done = await project.materialize({now: NOW + day});
  expect(done.outcomes.get(`raw.box@${FIRST}`)).toBe('succeeded');
  expect((await sourcesOn(FIRST)).map(([, source]) => source)).toEqual(['nba', 'nba']);
});

/**
 * A run in which the first and second date are one batch, and the first is put back. The second is published when a
 * batch of these keys has started, and the first when a table made of the second has ended.
 */
function heldRun(started: string, publishing?: () => void) {
  const begun = Promise.withResolvers<void>();
  const isOver = Promise.withResolvers<void>();
  const endings: string[] = [];
  const running = project.materialize({
    onEvent: event => {
      if (event.kind === 'batch-started' && `${event.asset} ${event.keys.join()}` === started)
        begun.resolve();
      if (event.kind !== 'partition-ended') return;
      endings.push(`${event.asset}@${event.key}`);
      if (`${event.asset}@${event.key}` === `mart.summary@${SECOND}`) isOver.resolve();
    },
    through: workshop => ({
      ...workshop,
      warehouse: async () => {
        const warehouse = await workshop.warehouse();
        const publish: typeof warehouse.publish = async publication => {
          const [{asset, key} = {asset: '', key: ''}] = publication.receipts;
          if (asset === 'raw.box' && key === FIRST) await isOver.promise;
          if (asset === 'raw.box' && key === SECOND) {
            await begun.promise;
            publishing?.();
          }
          return warehouse.publish(publication);
        };
        return new Proxy(warehouse, {
          get: (target, name) => {
            const found: unknown = name === 'publish' ? publish : Reflect.get(target, name);
            return typeof found === 'function' ? found.bind(target) : found;
          },
        });
      },
    }),
  });
  return {running, endings};
}

test('what was put back and is at work again is not ended by the batch that it was in', async () => {
  await open({batch: 2});
  world = {[`nba ${FIRST}`]: rowsOf(FIRST, 0)};
  await project.materialize({select: 'raw.schedule'});
  await project.materialize({select: 'landing.nba'});
  const {running, endings} = heldRun(`raw.box ${FIRST}`);
  const done = await running;
  expect(done.outcomes.get(`raw.box@${FIRST}`)).toBe('succeeded');
  expect(done.outcomes.get(`mart.summary@${FIRST}`)).toBe('succeeded');
  expect(new Set(endings).size).toBe(endings.length);
});

test('a fault of the machine ends what was put back once', async () => {
  await open({batch: 2});
  world = {[`nba ${FIRST}`]: rowsOf(FIRST, 0)};
  await project.materialize({select: 'raw.schedule'});
  await project.materialize({select: 'landing.nba'});
  const {running, endings} = heldRun(`landing.bdl ${FIRST}`, () => {
    throw new WarehouseError('disk-full', 'the disk is full');
  });
  await expect(running).rejects.toThrow('the disk is full');
  expect(endings.filter(each => each === `raw.box@${FIRST}`)).toHaveLength(1);
  expect(new Set(endings).size).toBe(endings.length);
});
