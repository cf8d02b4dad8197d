/** Plans that were written down, applied to real tables: calendars that move meanwhile, and runs that break off. */
import {afterEach, expect, test} from 'vitest';
import {PlanRefused} from '../../runner/fixed-plan.ts';
import {LedgerError} from '../../runner/ledger-error.ts';
import type {Workshop} from '../../runner/workshop.ts';
import {at, ended, lines, manifest, Project, rowsFrom, scheduledCalendar, tally} from '../kit/project.ts';

const SEASON = '2023-24';
const SCHEDULE = {
  rows: 'assets/schedule.ts',
  partition_by: 'season',
  columns: {
    season: 'string',
    game_id: 'string',
    game_date: 'date',
    status: 'string',
    home: 'string',
    away: 'string',
  },
  key: ['game_id'],
};
const BOX = {
  rows: 'assets/box.ts',
  columns: {game_date: 'date', points: 'int64'},
  key: ['game_date'],
};
const SUM = {
  sql: 'assets/sum.sql',
  upstream: {box: 'raw.box'},
  columns: {game_date: 'date', points: 'int64'},
  key: ['game_date'],
};
const DATES = ['2023-10-24', '2023-10-25', '2023-10-26'] as const;

let project: Project;
afterEach(() => project.remove());

function play(...dates: readonly string[]): void {
  const games = dates.map((date, index) => ({
    season: SEASON,
    game_id: `g${index}`,
    game_date: date,
    status: 'final',
    home: 'BOS',
    away: 'LAL',
  }));
  project.data('schedule', {[SEASON]: games});
  project.data(
    'box',
    Object.fromEntries(dates.map(date => [date, [{game_date: date, points: Number(date.slice(-2))}]])),
  );
}

function begin(): void {
  project = new Project(
    {
      'pipeline.yaml': manifest({
        calendars: scheduledCalendar(),
        assets: {'raw.schedule': SCHEDULE, 'raw.box': BOX, 'mart.sum': SUM},
      }),
      'assets/schedule.ts': rowsFrom('schedule'),
      'assets/box.ts': rowsFrom('box'),
      'assets/sum.sql': 'SELECT game_date, points FROM box',
    },
    at('2024-03-01T12:00:00Z'),
  );
  play(...DATES);
}

test('where the calendar is not known yet, what it brings is not added', async () => {
  begin();
  const file = await project.written();
  expect(file.settled).toBe(false);
  expect(file.partitions.map(({asset, key}) => `${asset}@${key}`)).toEqual([`raw.schedule@${SEASON}`]);
  expect(ended(await project.materialize({file}))).toEqual([`raw.schedule@${SEASON} succeeded`]);
  expect((await project.materialize({file})).counts.requested).toBe(0);
  expect((await project.plan()).actions.run).toBe(6);
});

test('a date that the plan itself takes away is left out, and one that it brings is not added', async () => {
  begin();
  await project.materialize();
  await project.forget('raw.schedule', [SEASON]);
  await project.forget('raw.box', [...DATES]);
  const file = await project.written();
  expect(file.partitions.map(({asset, key, action}) => `${action} ${asset}@${key}`)).toEqual([
    `run raw.schedule@${SEASON}`,
    ...DATES.map(date => `run raw.box@${date}`),
    ...DATES.map(date => `run mart.sum@${date}`),
  ]);
  play('2023-10-24', '2023-10-25', '2023-10-28');
  const done = await project.materialize({file});
  expect(ended(done)).toEqual([
    'mart.sum@2023-10-24 not-needed',
    'mart.sum@2023-10-25 not-needed',
    'raw.box@2023-10-24 succeeded',
    'raw.box@2023-10-25 succeeded',
    `raw.schedule@${SEASON} succeeded`,
  ]);
  expect((await project.materialize({file})).counts.requested).toBe(0);
  expect(lines(await project.plan()).filter(line => line.includes('2023-10-28'))).toEqual([
    'raw.box@2023-10-28 missing run: never-materialized',
    'mart.sum@2023-10-28 missing run: never-materialized',
  ]);
});

/** Breaks off as a killed process would: the warehouse has the rows, and the ledger has not heard of them. */
function forgetful(asset: string) {
  return (workshop: Workshop): Workshop => ({
    ...workshop,
    ledger: new Proxy(workshop.ledger, {
      get(target, name) {
        const found: unknown = Reflect.get(target, name);
        if (typeof found !== 'function') return found;
        if (name !== 'recordOutcomes') return found.bind(target);
        return (batch: Parameters<typeof target.recordOutcomes>[0]) => {
          if (batch.outcomes.some(outcome => outcome.asset === asset))
            throw new LedgerError('unreadable', {path: 'ledger', problem: 'is gone', mend: 'None.'});
          return target.recordOutcomes(batch);
        };
      },
    }),
  });
}

test('what a run wrote before it broke off counts as done when the plan is applied again', async () => {
  begin();
  await project.materialize({select: 'raw.schedule'});
  const file = await project.written();
  await expect(project.materialize({file, through: forgetful('mart.sum')})).rejects.toThrow('is gone');
  const again = await project.materialize({file});
  expect(again.outcomes.has('mart.sum@2023-10-24')).toBe(false);
  expect(tally(again)).not.toHaveProperty('failed');
  expect((await project.plan()).actions).toMatchObject({run: 0, 'run-if': 0});
  expect((await project.materialize({file})).warehouseCalls).toBe(0);
});

test('a change is found under the lock of the warehouse too, and is no run', async () => {
  begin();
  await project.materialize({select: 'raw.schedule'});
  const file = await project.written();
  const overtaken = (workshop: Workshop): Workshop => ({
    ...workshop,
    warehouse: async () => {
      // Another process was just before this one.
      await project.materialize({select: 'raw.box', range: {keys: [DATES[0]]}});
      return workshop.warehouse();
    },
  });
  const error = await project.materialize({file, through: overtaken}).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(PlanRefused);
  expect(error).toMatchObject({changes: [{kind: 'changed', asset: 'raw.box', key: DATES[0]}]});
  const target = await project.open();
  expect(target.ledger.runs(10)).toHaveLength(2);
  await target.close();
});

test('what it neither lists nor reads may change', async () => {
  begin();
  await project.materialize({select: 'raw.schedule'});
  const file = await project.written({select: 'raw.box'});
  // The calendar stays as it is known, and it is all that these have of the schedule.
  await project.forget('raw.schedule', [SEASON]);
  expect(tally(await project.materialize({file}))).toEqual({succeeded: 3});
});
