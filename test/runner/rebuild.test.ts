/**
 * A ledger that is rebuilt from receipts says what the old one said, whatever happened before. On a failure fast-check
 * prints the seed; `GAMEPLAN_SEED` plays it again.
 */
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterEach, expect, test} from 'vitest';
import {classify} from '../../planner/classify.ts';
import type {CorrectionKind} from '../../planner/correction.ts';
import {fingerprintOf} from '../../planner/fingerprint.ts';
import {frameOf} from '../../planner/frame.ts';
import type {AssetName, PartitionKey} from '../../planner/pipeline.ts';
import {correct} from '../../runner/correct.ts';
import {dropGone, replaceLedger, settleBeforeRebuild} from '../../runner/rebuild.ts';
import {restore} from '../../runner/restore.ts';
import {readStandings} from '../../runner/standing.ts';
import {verifyLedger} from '../../runner/verify-ledger.ts';
import {at, manifest, Project, rowsFrom, SCHEDULE, scheduledCalendar} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04'];
const seed = Number(process.env['GAMEPLAN_SEED'] ?? 20_240_115);
const numRuns = Math.round(3 * Number(process.env['GAMEPLAN_RUNS'] ?? 1));

const SUM_COLUMNS = {game_date: 'date', total: 'int64'};
const ASSETS = {
  'raw.schedule': SCHEDULE,
  'landing.copies': {files: 'assets/copy.ts', path: 'copies/{game_date}/'},
  'raw.points': {
    rows: 'assets/points.ts',
    columns: {game_date: 'date', game_id: 'string', points: 'int64'},
    key: ['game_id'],
    covers: {column: 'game_id', at_least: '50%'},
    batch: 2,
    retries: 0,
  },
  'mart.sum': {
    sql: 'assets/sum.sql',
    upstream: {points: {asset: 'raw.points', window: 'season to date', through: 'today', required: false}},
    columns: SUM_COLUMNS,
    key: ['game_date'],
    empty: 'allowed',
    batch: 'season',
  },
  'mart.season': {
    sql: 'assets/season.sql',
    partition_by: 'season',
    upstream: {sum: {asset: 'mart.sum', required: false}},
    columns: {season: 'string', total: 'int64'},
    key: ['season'],
    empty: 'allowed',
  },
  'exports.sum': {
    sql: 'assets/export.sql',
    export: {format: 'csv', path: 'v1/{game_date}.csv'},
    upstream: {sum: 'mart.sum'},
    empty: 'allowed',
  },
};
const sumOf = (variant: number): string =>
  `SELECT w.key AS game_date, (sum(p.points) + ${variant} - ${variant})::BIGINT AS total
FROM points_window AS w JOIN points AS p ON p.game_date = w.upstream_key GROUP BY w.key`;
const FILES = {
  'pipeline.yaml': manifest({
    calendars: scheduledCalendar({seasons: {from: '2023-24', rolls_over: '07-01'}}),
    assets: ASSETS,
  }),
  'assets/schedule.ts': rowsFrom('schedule'),
  'assets/points.ts': rowsFrom('points'),
  'assets/copy.ts': `import type {Files} from 'gameplan';
export const files: Files = async ({partition: {key}, put}) => { await put('a.json', key); };\n`,
  'assets/sum.sql': sumOf(0),
  'assets/season.sql': `SELECT p.season, coalesce((SELECT sum(total) FROM sum), 0)::BIGINT AS total FROM partitions AS p`,
  'assets/export.sql': 'SELECT * FROM sum',
};

type Step =
  | {readonly kind: 'run'; readonly force: boolean; readonly failing: number; readonly until: number}
  | {readonly kind: 'forget' | 'mark'; readonly asset: number; readonly date: number}
  | {readonly kind: 'points'; readonly date: number; readonly value: number}
  | {readonly kind: 'query'; readonly variant: number}
  | {readonly kind: 'game'; readonly date: number; readonly status: 'final' | 'postponed' | 'scheduled'};

const nat = (max: number) => fc.nat({max});
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({kind: fc.constant('run' as const), force: fc.boolean(), failing: nat(7), until: nat(3)}),
  fc.record({kind: fc.constantFrom('forget' as const, 'mark' as const), asset: nat(4), date: nat(3)}),
  fc.record({kind: fc.constant('points' as const), date: nat(3), value: nat(2)}),
  fc.record({kind: fc.constant('query' as const), variant: nat(2)}),
  fc.record({
    kind: fc.constant('game' as const),
    date: nat(3),
    status: fc.constantFrom('final' as const, 'postponed' as const, 'scheduled' as const),
  }),
);
const CORRECTED = ['landing.copies', 'raw.points', 'mart.sum', 'mart.season', 'exports.sum'];

let project: Project;
afterEach(() => project.remove());

/** What a project went through. */
class History {
  readonly #points = new Map(DATES.map(date => [date, 1]));
  readonly #games = new Map<string, string>(DATES.map(date => [date, 'final']));
  #failures = 0;

  async play(step: Step): Promise<void> {
    switch (step.kind) {
      case 'run': {
        // After three failures in a row a partition is parked, which only attempts tell: those are lost.
        const failing = this.#failures < 2 ? DATES[step.failing] : undefined;
        if (failing !== undefined) this.#failures++;
        this.write(failing);
        await project.materialize({
          force: step.force,
          range: {to: DATES[step.until] ?? ''},
          acceptCalendar: true,
        });
        return;
      }
      case 'points':
        this.#points.set(DATES[step.date] ?? '', step.value);
        return;
      case 'query':
        project.write('assets/sum.sql', sumOf(step.variant));
        return;
      case 'game':
        this.#games.set(DATES[step.date] ?? '', step.status);
        this.write(undefined);
        await project.materialize({select: 'raw.schedule', force: true, acceptCalendar: true});
        return;
      default:
        await correctOne(step.kind, CORRECTED[step.asset] ?? '', DATES[step.date] ?? '');
    }
  }

  write(failing: string | undefined): void {
    const games = [...this.#games].map(([date, status]) => ({
      ...{season: '2023-24', game_id: `g${date}`, game_date: date, home: 'BOS', away: 'LAL', status},
    }));
    project.data('schedule', {'2023-24': games});
    const points = [...this.#points].map(([date, value]): [string, object[] | string] => [
      date,
      date === failing ? 'down' : [{game_date: date, game_id: `g${date}`, points: value}],
    ]);
    project.data('points', Object.fromEntries(points) as Parameters<Project['data']>[1]);
  }
}

async function correctOne(kind: CorrectionKind, asset: string, date: string): Promise<void> {
  const target = await project.open();
  const key = (asset === 'mart.season' ? '2023-24' : date) as PartitionKey;
  try {
    await correct(
      {...target, run: `correction-${Math.random()}`, clock: () => project.now},
      {
        ...{kind, asset: asset as AssetName, keys: [key], by: 'ada', why: 'a test'},
        ...{allowProtected: false, now: project.now, command: 'test'},
      },
    );
  } finally {
    await target.close();
  }
}

async function rebuild(): Promise<void> {
  const target = await project.open();
  const place = {place: target.ledger.place, now: () => project.now};
  target.ledger.close();
  const openers = {warehouse: await target.warehouse(), store: target.store()};
  try {
    await settleBeforeRebuild(place, openers);
    const known = [...target.pipeline.assets.values()].map(asset => fingerprintOf(asset, target.sources));
    const standings = await readStandings({...openers, known});
    await dropGone(openers.warehouse, standings, {run: 'rebuild', by: undefined, at: project.now});
    replaceLedger(place, await restore(target.pipeline, openers.warehouse, standings));
  } finally {
    await openers.warehouse.close();
  }
}

/** All that a plan decides from: states and actions, and of what is published all that is compared. */
async function standing(): Promise<unknown> {
  const {partitions, calendars} = await project.plan({all: true, prune: true});
  const target = await project.open();
  try {
    const {pipeline, sources, ledger} = target;
    const snapshot = ledger.snapshot();
    const frame = classify({pipeline, sources, ledger: snapshot, now: project.now});
    const trusts = [...frame.assets.values()].map(({asset, keys, quality}) =>
      keys.map((_, ordinal) => quality.scoreAt(frameOf(frame, asset.name), ordinal)),
    );
    return {
      partitions: partitions.map(({asset, key, state, action}) => `${asset}@${key} ${state} ${action}`),
      ...{calendars, trusts, games: [...snapshot.calendars.values()]},
    };
  } finally {
    await target.close();
  }
}

async function verify(): Promise<ReturnType<typeof verifyLedger>> {
  const target = await project.open();
  try {
    const standings = await readStandings({
      ...{warehouse: await target.warehouse(), store: target.store(), known: []},
    });
    const snapshot = target.ledger.snapshot();
    return verifyLedger({snapshot, standings, atWork: new Set(), isMeant: () => true});
  } finally {
    await target.close();
  }
}

test('states and actions are the same by a rebuilt ledger, also where the old one is gone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, {minLength: 1, maxLength: 7}), async steps => {
      project = new Project(FILES, NOW);
      const history = new History();
      history.write(undefined);
      await project.materialize({range: {to: '2024-01-03'}});
      for (const each of steps) {
        // Each in its own second: the order of receipts is that of what happened.
        project.now += 1_000;
        await history.play(each);
      }
      const before = await standing();
      expect((await verify()).differences).toEqual([]);
      await rebuild();
      expect(await standing()).toEqual(before);
      for (const rest of ['', '-wal', '-shm'])
        rmSync(join(project.root, `.gameplan/ledger.sqlite${rest}`), {force: true});
      await rebuild();
      expect(await standing()).toEqual(before);
      const {agree, differences} = await verify();
      expect(differences).toEqual([]);
      expect(agree).toBeGreaterThan(0);
      history.write(undefined);
      for (let round = 0; round < 4; round++) await project.materialize({acceptCalendar: true});
      const atRest = await project.materialize();
      expect(atRest.counts).toMatchObject({succeeded: 0, unchanged: 0});
      await rebuild();
      expect((await project.materialize()).outcomes).toEqual(atRest.outcomes);
      project.remove();
    }),
    {seed, numRuns, endOnFailure: true},
  );
}, 120_000);
