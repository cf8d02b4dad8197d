/** What is carried from one target to another: rows, objects and facts, whole or not at all, and nothing made again. */
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {rowAt} from '../../runner/ledger-columns.ts';
import {readStandings} from '../../runner/standing.ts';
import {answer, breakCode, copiedProject, DATES, FIRST, THIRD} from '../kit/copied-project.ts';
import {copyInto} from '../kit/copying.ts';
import {at, type Done, ended, lines, openAt, type Project, tally} from '../kit/project.ts';

const NOW = at('2024-01-10T12:00:00Z');
const HOUR = 3_600_000;

let source: Project;
let prod: Project;
beforeEach(() => {
  source = copiedProject(NOW);
});
afterEach(() => source.remove());

/** Made in the first target, and copied an hour later. */
async function make(): Promise<void> {
  const done = await source.materialize();
  expect(Object.keys(tally(done)).filter(outcome => outcome !== 'not-needed')).toEqual(['succeeded']);
  breakCode(source);
  source.now += HOUR;
  prod = openAt(source.root, source.now);
  prod.target = 'prod';
}

const TABLES = ['raw.schedule', 'raw.box', 'mart.summary', 'mart.rating', 'mart.total'];

async function contentsOf(project: Project): Promise<object> {
  const tables: Record<string, unknown> = {};
  for (const name of TABLES) tables[name] = await project.query(`SELECT * FROM ${name} ORDER BY ALL`);
  const {target} = project;
  const folder = target ?? 'local';
  const objects = DATES.map(date => project.text(`${folder}/store/v1/${date}.csv`));
  return {tables, objects};
}

/** Everything that the ledger says of what is published, but its own sequences. */
async function factsOf(project: Project): Promise<ReadonlyMap<string, unknown>> {
  const target = await project.open();
  try {
    const ledger = target.ledger.snapshot();
    const facts = new Map<string, unknown>();
    for (const name of ledger.assets) {
      const record = ledger.find(name);
      record?.keys.forEach((key, i) => {
        const {published, version, fingerprint, entry, rows, expected, found, absent, trust, ...row} = rowAt(
          record,
          i,
        );
        const {publishedAt, triedAt} = row;
        const own = {
          published,
          version,
          fingerprint: fingerprint.hash,
          entry,
          rows,
          expected,
          found,
          absent,
          trust,
        };
        facts.set(`${name}@${key}`, {...own, publishedAt, triedAt});
      });
    }
    return facts;
  } finally {
    await target.close();
  }
}

test('everything that is filled is carried, with its facts, and nothing is fetched or made for it', async () => {
  await make();
  const done = await copyInto(prod, source);
  expect(tally(done)).toEqual({succeeded: done.counts.requested});
  expect(await contentsOf(prod)).toEqual(await contentsOf(source));
  expect([...(await factsOf(prod))].sort()).toEqual([...(await factsOf(source))].sort());
  expect(lines(await prod.plan())).toEqual(lines(await source.plan()));
  expect(lines(await prod.plan()).filter(line => line.includes(' run'))).toEqual([]);
  const again = await copyInto(prod, source);
  expect([again.counts.requested, again.warehouseCalls]).toEqual([0, 0]);
});

test('the third date is partial in both, with the same game absent and the source that was used', async () => {
  await make();
  await copyInto(prod, source);
  const facts = await factsOf(prod);
  expect(facts.get(`raw.box@${THIRD}`)).toMatchObject({expected: 2, found: 1, absent: [`${THIRD}-b`]});
  expect(facts.get(`raw.box@${DATES[1]}`)).toMatchObject({
    trust: {
      sources: [
        {name: 'nba', games: [`${DATES[1]}-a`]},
        {name: 'bdl', games: [`${DATES[1]}-b`]},
      ],
      ceiling: 85,
    },
  });
  expect(facts.get(`raw.box@${DATES[3]}`)).toMatchObject({trust: {warned: [{check: 'range(points)'}]}});
});

test('receipts tell the same as the ledger, so that a lost one is rebuilt with the facts', async () => {
  await make();
  await copyInto(prod, source);
  const facts = await factsOf(prod);
  const target = await prod.open();
  try {
    const standings = await readStandings({
      warehouse: await target.warehouse(),
      store: target.store(),
      known: [],
    });
    const told = [...standings.assets].flatMap(([asset, all]) =>
      [...all].map(([key, {receipt}]) => [
        `${asset}@${key}`,
        {version: receipt.version, publishedAt: receipt.publishedAt, triedAt: receipt.madeAt},
      ]),
    );
    expect(told.length).toBe(facts.size);
    for (const [ref, fact] of told)
      expect([ref, facts.get(String(ref))]).toMatchObject([ref, fact as object]);
  } finally {
    await target.close();
  }
});

test('what is newer in the source is carried again, and what reads it', async () => {
  await make();
  await copyInto(prod, source);
  answer(source, 10);
  source.data('nba', {
    [FIRST]: [
      {game_id: `${FIRST}-a`, player: 'p1', points: 1},
      {game_id: `${FIRST}-b`, player: 'p1', points: 2},
    ],
  });
  await source.materialize({select: `landing.nba`, range: {keys: [FIRST]}, force: true});
  await source.materialize();
  breakCode(source);
  const done = await copyInto(prod, source);
  expect(ended(done)).toContain(`landing.nba@${FIRST} succeeded`);
  expect(done.outcomes.has(`landing.nba@${THIRD}`)).toBe(false);
  expect(await contentsOf(prod)).toEqual(await contentsOf(source));
  expect(lines(await prod.plan()).filter(line => line.includes(' run'))).toEqual([]);
});

describe('what is stale in the source', () => {
  beforeEach(async () => {
    await make();
    source.write('assets/rating.sql', `${source.text('assets/rating.sql')} -- the same\nWHERE true`);
  });

  test('is left out, and what needs it waits', async () => {
    const done = await copyInto(prod, source);
    expect(done.outcomes.has(`mart.rating@${FIRST}`)).toBe(false);
    expect(done.outcomes.get(`exports.rating@${FIRST}`)).toBe('skipped');
    expect(done.outcomes.get(`mart.summary@${FIRST}`)).toBe('succeeded');
  });

  test('is stale for the same reason where it is carried on purpose', async () => {
    const done = await copyInto(prod, source, {stale: true});
    expect(done.outcomes.get(`mart.rating@${FIRST}`)).toBe('succeeded');
    expect(lines(await prod.plan())).toEqual(lines(await source.plan()));
    expect(lines(await prod.plan())).toContainEqual(
      expect.stringMatching(new RegExp(`^mart.rating@${FIRST} stale run: definition-changed`)),
    );
  });
});

test('rows and objects that were edited behind the back of the source are not carried', async () => {
  await make();
  const {DuckDBInstance} = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(join(source.root, 'local/w.duckdb'));
  const connection = await instance.connect();
  await connection.run('UPDATE mart.total SET points = 0');
  connection.closeSync();
  instance.closeSync();
  source.write(`local/store/v1/${THIRD}.csv`, 'edited');
  const done = await copyInto(prod, source);
  const bad = [...done.outcomes].filter(([, outcome]) => outcome === 'failed').map(([ref]) => ref);
  expect(bad.sort()).toEqual([`exports.rating@${THIRD}`, 'mart.total@all']);
  expect(done.errors.get('mart.total@all')).toBe(
    "What lies in 'local' of mart.total@all is not what its ledger speaks of; 'gameplan verify --data --target local' says what it is.",
  );
  expect(done.errors.get(`exports.rating@${THIRD}`)).toMatch(/^What lies in 'local' of exports.rating@/);
});

test('what was made from other inputs than are here is left to be made here', async () => {
  await make();
  answer(source, 7);
  await prod.materialize({select: 'raw.schedule'});
  await prod.materialize({select: '+raw.box'});
  const first = `SELECT DISTINCT points FROM raw.box WHERE game_date = '${FIRST}'`;
  expect(await prod.query(first)).toEqual([[7]]);
  breakCode(source);
  const done = await copyInto(prod, source);
  expect(await prod.query(first)).toEqual([[7]]);
  const {outcomes} = done;
  expect([outcomes.has(`raw.box@${FIRST}`), outcomes.get(`mart.summary@${FIRST}`)]).toEqual([
    false,
    'skipped',
  ]);
  // The edge is optional: without a word the rows would have passed for those of this target's inputs.
  expect(lines(await prod.plan())).toContain(`mart.summary@${FIRST} missing run: never-materialized`);
});

describe('a copy that is killed', () => {
  test.each([
    ['before-publish', 3],
    ['after-publish', 4],
    ['after-object', 1],
    ['between-export-and-receipt', 1],
  ])('%s, after %i that were not, is finished by the next one', async (point, skipped) => {
    await make();
    const script = new URL('../kit/killed-copy.ts', import.meta.url).pathname;
    const args = [script, source.root, String(source.now), 'prod', point, String(skipped)];
    const {signal, stderr} = spawnSync(process.execPath, args, {encoding: 'utf8'});
    expect([signal, stderr]).toEqual(['SIGKILL', '']);
    const done: Done = await copyInto(prod, source);
    expect(tally(done)).toEqual({succeeded: done.counts.requested});
    expect(await contentsOf(prod)).toEqual(await contentsOf(source));
    expect([...(await factsOf(prod))].sort()).toEqual([...(await factsOf(source))].sort());
    const target = await prod.open();
    expect(target.ledger.openIntents()).toEqual([]);
    await target.close();
    expect((await copyInto(prod, source)).counts.requested).toBe(0);
  });
});
