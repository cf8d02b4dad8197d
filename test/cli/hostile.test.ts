/** Hostile strings wherever one can come from: arguments, names in the manifest, data, names of objects. */
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {afterEach, describe, expect, test} from 'vitest';
import {openFolderStore} from '../../runner/folder-store.ts';
import {StoreError} from '../../runner/store.ts';
import {at, listed, manifest, Project, rowsFrom, scheduledCalendar, tally} from '../kit/project.ts';
import {ToyProject} from './command-line.ts';

const KNOWN = [
  "'; DROP TABLE raw.games; --",
  '"; DROP SCHEMA raw CASCADE; --',
  "' OR 1=1 --",
  '"',
  "'",
  "''",
  '`id`',
  '$(id)',
  `$\u007bHOME}`,
  '{season}',
  '%s%n',
  '%',
  '_',
  '\\',
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\x',
  'a@b',
  'a,b',
  'a b',
  '*',
  '[a]',
  '--help',
  '-1',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  'true',
  '0',
  '1e999',
  '\u001b[2J\u001b[31m',
  'a\nb',
  'a\r\nb',
  '\t',
  '\u202eabc',
  'ﬁ',
  'É',
  'É',
  '🏀',
  '\ufeffx',
  'x'.repeat(5000),
  '/* x */',
  '$1',
  '?',
  ':a',
  '{"a":1}',
  '<script>',
] as const;

const hostile = fc.oneof(
  fc.constantFrom(...KNOWN),
  fc.tuple(fc.constantFrom(...KNOWN), fc.string({unit: 'grapheme'})).map(parts => parts.join('')),
  fc.string({unit: 'grapheme', minLength: 1, maxLength: 40}),
  fc.string({unit: 'binary', minLength: 1, maxLength: 12}),
);

describe('arguments', () => {
  const COMMANDS: readonly ((text: string) => readonly string[])[] = [
    text => ['explain', `raw.points@${text}`],
    text => ['explain', `${text}@2024-01-15`],
    text => ['explain', '--why-not', 'raw.points@2024-01-15', text],
    text => ['plan', text],
    text => ['plan', 'raw.points', '--from', text],
    text => ['plan', 'raw.points', '--keys', text],
    text => ['plan', '--season', text],
    text => ['plan', '--target', text],
    text => ['plan', '--manifest', text],
    text => ['plan', '-C', text],
    text => ['plan', '--json', `tag:${text}`],
    text => ['status', text],
    text => ['gaps', '--older-than', text],
    text => ['events', text],
    text => ['runs', 'show', text],
    text => ['runs', 'cancel', text],
    text => ['schema', text],
    text => ['lineage', text],
    text => ['quarantine', `raw.points@${text}`],
    text => ['diff', `raw.points@${text}`],
    text => ['check', text],
    text => ['forget', `raw.points@${text}`, '--reason', text, '--yes'],
    text => ['mark', `raw.points@${text}`, '--fresh', '--reason', text, '--yes'],
    text => ['gaps', 'accept', `raw.points@${text}`, '--reason', text],
    text => ['completion', text],
    text => ['complete', '--', 'plan', text],
    text => ['query', text],
  ];

  test('are answered or refused with a sentence, and change nothing', {timeout: 60_000}, async () => {
    const project = new ToyProject();
    try {
      await project.run('materialize');
      const files = project.files();
      const asked = fc.tuple(fc.constantFrom(...COMMANDS), hostile);
      await fc.assert(
        fc.asyncProperty(asked, async ([command, text]) => {
          const {code, out, err} = await project.run(...command(text));
          const said = JSON.stringify([command(text), code, err.slice(0, 300)]);
          expect([0, 1, 2, 64], said).toContain(code);
          expect(err + out, said).not.toMatch(/Internal error|\n\s+at /);
          // Nobody's text steers the terminal.
          expect(err, said).not.toContain('\u001b');
        }),
        {numRuns: 200, seed: 5},
      );
      expect((await project.run('query', 'SELECT count(*) AS n FROM raw.points', '--json')).out).toContain(
        '6',
      );
      expect(project.files()).toEqual(files);
    } finally {
      project.remove();
    }
  });
});

describe('names given to put', () => {
  test('lead nowhere but into their own folder', async () => {
    const outer = mkdtempSync(path.join(tmpdir(), 'gameplan-put-'));
    const root = path.join(outer, 'store');
    mkdirSync(root);
    writeFileSync(path.join(outer, 'secret'), 'x');
    try {
      let number = 0;
      await fc.assert(
        fc.asyncProperty(hostile, fc.uint8Array({maxLength: 5}), async (name, bytes) => {
          const folder = `a/${number++}/`;
          const draft = await openFolderStore(root).draft(folder);
          try {
            await draft.put(name, bytes);
          } catch (error) {
            if (!(error instanceof StoreError)) throw error;
            return;
          }
          const about = {asset: 'a', key: 'k', intent: 'i', run: 'r', fingerprint: 'f', digest: 'd'};
          const {id, objects} = await draft.commit({
            ...about,
            expected: null,
            found: null,
            absent: [],
            at: 1,
          });
          expect(objects.map(each => each.name)).toEqual([name]);
          expect(Buffer.from(await openFolderStore(root).read(folder, id, name))).toEqual(Buffer.from(bytes));
        }),
        {numRuns: 500, seed: 7},
      );
      expect(readdirSync(outer).toSorted()).toEqual(['secret', 'store']);
      expect(readdirSync(root)).toEqual(['a']);
    } finally {
      rmSync(outer, {recursive: true, force: true});
    }
  });
});

describe('names in the manifest', () => {
  let project: Project;
  afterEach(() => project.remove());

  /** One asset of that name and one that reads it, by an edge of another. */
  function open(name: string, column: string, edge: string): void {
    const columns = {game_date: 'date', [column]: 'string'};
    const assets = {
      [name]: {rows: 'assets/a.ts', columns, key: ['game_date']},
      'mart.b': {sql: 'assets/b.sql', columns, key: ['game_date'], upstream: {[edge]: name}},
    };
    project = new Project(
      {
        'pipeline.yaml': manifest({calendars: listed({'2023-24': ['2024-01-01']}), assets}),
        'assets/a.ts': `export const rows = async ({partition}) => [{game_date: partition.key, ['${column}']: 'a'}];\n`,
        'assets/b.sql': `SELECT * FROM "${edge}"\n`,
      },
      at('2024-03-01T12:00:00Z'),
    );
  }

  test.for([
    'gameplan.receipts',
    'gameplan.meta',
    'temp.a',
    'information_schema.tables',
    'pg_catalog.a',
    'system.a',
  ])('an asset %s is refused: its schema is not for tables of a project', async name => {
    open(name, 'text', 'games');
    await expect(project.materialize()).rejects.toThrow(`'${name}' cannot name an asset: the schema '`);
  });

  test.for(['main.a', 'constructor.constructor', 'select.order', 'memory.a', 'warehouse.a', 'duckdb.a'])(
    'an asset %s is a table like any other',
    async name => {
      open(name, 'text', 'games');
      expect(tally(await project.materialize())).toEqual({succeeded: 2});
      expect((await project.materialize()).counts.requested).toBe(0);
    },
  );

  test.for(['constructor', 'order', 'select', 'rowid', 'key', '_', '__proto__x'])(
    'a column or edge %s is one like any other',
    async column => {
      open('raw.a', column, column.startsWith('_') ? 'constructor' : column);
      expect(tally(await project.materialize())).toEqual({succeeded: 2});
      expect(await project.query(`SELECT "${column}" FROM mart.b`)).toEqual([['a']]);
    },
  );

  test('a key __proto__ is refused wherever it stands', async () => {
    open('raw.a', 'text', 'games');
    const text = project.text('pipeline.yaml');
    for (const key of ['raw.a', 'text', 'games', 'local', 'assets']) {
      project.write('pipeline.yaml', text.replace(`"${key}":`, '"__proto__":'));
      await expect(project.materialize(), key).rejects.toThrow();
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('seasons from data', () => {
  test.for([
    '../../x',
    '/etc/passwd',
    "2023-24'; DROP TABLE raw.schedule; --",
    '__proto__',
    '',
    '2023-24/../..',
    '\u0000',
  ])('%j leads to no object outside of the store', async season => {
    const columns = {
      season: 'string',
      game_id: 'string',
      game_date: 'date',
      status: 'string',
      home: 'string',
      away: 'string',
    };
    const assets = {
      'raw.schedule': {rows: 'assets/schedule.ts', partition_by: 'season', columns, key: ['game_id']},
      'exports.games': {
        sql: 'assets/export.sql',
        partition_by: 'season',
        export: {format: 'json', path: '{season}/games.json'},
        upstream: {schedule: 'raw.schedule'},
      },
    };
    const outer = mkdtempSync(path.join(tmpdir(), 'gameplan-season-'));
    const root = path.join(outer, 'project');
    mkdirSync(root);
    const now = at('2024-03-01T12:00:00Z');
    const project = new Project(
      {
        'pipeline.yaml': manifest({calendars: scheduledCalendar(), assets}),
        'assets/schedule.ts': rowsFrom('schedule'),
        'assets/export.sql': 'SELECT game_id FROM schedule',
      },
      now,
      root,
    );
    try {
      const game = {game_id: 'g', game_date: '2024-01-15', status: 'final', home: 'BOS', away: 'LAL'};
      project.data('schedule', {'2023-24': [{...game, season}]});
      const {errors} = await project.materialize();
      expect(errors.size).toBeGreaterThan(0);
      expect(readdirSync(outer)).toEqual(['project']);
      expect(readdirSync(root).toSorted()).toEqual(['.gameplan', 'assets', 'data', 'pipeline.yaml']);
    } finally {
      rmSync(outer, {recursive: true, force: true});
    }
  });
});

describe('game ids and teams from data', () => {
  test('stay data', {timeout: 60_000}, async () => {
    const many = fc.uniqueArray(
      fc.oneof(fc.constantFrom(...KNOWN), fc.string({unit: 'grapheme', minLength: 1, maxLength: 30})),
      {minLength: 30, maxLength: 60},
    );
    await fc.assert(
      fc.asyncProperty(many, async names => {
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
          columns: {game_date: 'date', game_id: 'string', team: 'string'},
          key: ['game_id', 'team'],
          covers: {column: 'game_id'},
          empty: 'allowed',
          checks: [{accepted_values: {column: 'team', values: names}}],
        };
        const FORM = {
          sql: 'assets/form.sql',
          upstream: {box: {asset: 'raw.box', window: '2 games per playing team', required: false}},
          columns: {game_date: 'date', team: 'string', games: 'int64'},
          key: ['game_date', 'team'],
          empty: 'allowed',
        };
        const project = new Project(
          {
            'assets/schedule.ts': rowsFrom('schedule'),
            'assets/box.ts': rowsFrom('box'),
            'assets/form.sql':
              'SELECT w.key AS game_date, w.team, count(*) AS games FROM box_window AS w JOIN box AS b ON b.game_id = w.game_id AND b.team = w.team GROUP BY ALL',
          },
          at('2024-03-01T12:00:00Z'),
        );
        try {
          project.write(
            'pipeline.yaml',
            manifest({
              calendars: scheduledCalendar(),
              assets: {'raw.schedule': SCHEDULE, 'raw.box': BOX, 'mart.form': FORM},
            }),
          );
          const games = names.map((id, i) => ({
            season: '2023-24',
            game_id: id,
            game_date: `2024-01-${String(1 + (i % 5)).padStart(2, '0')}`,
            status: 'final',
            home: id,
            away: names[(i + 1) % names.length] ?? '',
          }));
          project.data('schedule', {'2023-24': games});
          const rows = games.flatMap(({game_date, game_id, home, away}) =>
            [home, away].map(team => ({game_date, game_id, team})),
          );
          const box = Object.fromEntries(Map.groupBy(rows, row => row.game_date));
          project.data('box', box);
          const done = await project.materialize();
          expect([...done.errors]).toEqual([]);
          expect(await project.query('SELECT count(*), count(DISTINCT team) FROM raw.box')).toEqual([
            [2 * names.length, names.length],
          ]);
          expect((await project.materialize()).counts.requested).toBe(0);
        } finally {
          project.remove();
        }
      }),
      {numRuns: 5, seed: 3, endOnFailure: true},
    );
  });
});
