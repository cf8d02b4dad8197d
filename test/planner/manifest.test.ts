import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {type ManifestInput, parseManifest} from '../../planner/manifest.ts';
import type {Asset, Pipeline} from '../../planner/pipeline.ts';
import {readPipeline, writePipeline} from '../../planner/pipeline-text.ts';
import {manifestJsonSchema} from '../../planner/schema.ts';

const manifest = readFileSync(new URL('manifest.example.yaml', import.meta.url), 'utf8');

function parse(text: string, rest: Partial<ManifestInput> = {}) {
  return parseManifest({file: {path: 'pipeline.yaml', text}, target: undefined, env: {}, ...rest});
}

function good(rest: Partial<ManifestInput> = {}): Pipeline {
  const {pipeline, diagnostics} = parse(manifest, {env: {LEAGUE_KEY: 'sesame'}, ...rest});
  expect(formatDiagnostics(diagnostics)).toBe('');
  if (pipeline === undefined) throw new Error('There is no pipeline.');
  return pipeline;
}

function asset(name: string, pipeline = good()): Asset {
  const found = [...pipeline.assets.values()].find(asset => asset.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

test('assets keep the order of the manifest', () => {
  expect([...good().assets.keys()]).toEqual([
    'landing.schedule',
    'raw.schedule',
    'raw.games',
    'landing.boxscores',
    'raw.boxscores',
    'mart.summary',
    'mart.form',
    'mart.elo',
    'exports.totals',
  ]);
});

test('what makes an asset is one of four', () => {
  expect(asset('landing.boxscores').making).toEqual({
    kind: 'files',
    module: 'assets/boxscores.ts',
    path: 'nba-com/{game_date}/',
  });
  expect(asset('landing.schedule').making).toMatchObject({path: 'landing.schedule/{season}/'});
  expect(asset('raw.schedule').making).toEqual({kind: 'rows', module: 'assets/schedule.ts'});
  expect(asset('raw.games').making).toEqual({kind: 'sql', query: 'assets/games.sql'});
  expect(asset('exports.totals').making).toEqual({
    kind: 'export',
    query: 'assets/totals.sql',
    format: 'json',
    path: 'v1/totals.json',
  });
});

test('partitioning, due, refresh, bootstrap and batch are read', () => {
  expect(asset('raw.schedule').partitioning).toEqual({kind: 'season', calendar: 'nba', column: 'season'});
  expect(asset('mart.form').partitioning).toEqual({kind: 'date', calendar: 'nba', column: 'analysis_date'});
  expect(asset('raw.games').due).toEqual({kind: 'scheduled'});
  expect(asset('raw.boxscores').due).toEqual({kind: 'final'});
  expect(asset('mart.form').due).toEqual({kind: 'clock', days: 0, minute: 600});
  expect(asset('mart.elo').due).toEqual({kind: 'clock', days: 1, minute: 360});
  expect(asset('landing.boxscores').refresh).toEqual({every: 86_400_000, until: 259_200_000});
  expect(asset('mart.form').skipFirstDays).toBe(14);
  expect(asset('raw.games').batch).toEqual({kind: 'season'});
  expect(asset('mart.form').batch).toEqual({kind: 'keys', count: 20});
  expect(asset('raw.boxscores').batch).toEqual({kind: 'keys', count: 100});
  expect(asset('mart.elo').batch).toEqual({kind: 'keys', count: 1});
  expect(asset('landing.boxscores')).toMatchObject({site: 'league', retries: 5, timeout: 60_000});
  expect(asset('raw.games')).toMatchObject({retries: 2, timeout: 120_000});
});

test('every edge has its window, resolved by both grains, and its modifiers', () => {
  const edges = Object.fromEntries(asset('mart.form').upstream.map(edge => [edge.name, edge]));
  expect(Object.values(edges).map(({window}) => window)).toEqual([
    {kind: 'same'},
    {kind: 'season-of-date'},
    {kind: 'days', count: 30},
    {kind: 'games', count: 15, teams: 'every'},
    {kind: 'season-to-date'},
  ]);
  expect(edges['recent']).toMatchObject({required: false, crossesSeasons: true, throughToday: true});
  expect(edges['team']).toMatchObject({required: true, atLeast: 0.8, tracks: true});
  expect(edges['schedule']).toMatchObject({tracks: false});
  expect(asset('raw.schedule').upstream[0]?.window).toEqual({kind: 'same'});
  expect(asset('exports.totals').upstream[0]?.window).toEqual({kind: 'all'});
  expect(asset('mart.elo').upstream[1]?.window).toEqual({kind: 'previous'});
});

test('columns, coverage and checks are read in both their forms', () => {
  const box = asset('raw.boxscores');
  expect(box.columns.find(({name}) => name === 'points')).toEqual({
    name: 'points',
    type: 'int64',
    unit: 'points',
    description: undefined,
  });
  expect(box.covers).toEqual({column: 'game_id', atLeast: 1, minRowsPerGame: 10});
  expect(asset('landing.boxscores').covers).toEqual({column: 'game_id', atLeast: 0.9, minRowsPerGame: 1});
  expect(box.checks.map(({name, severity}) => `${severity} ${name}`)).toEqual([
    'error not_null(game_id, points)',
    'error range(points)',
    'warn sql(points_add_up)',
    'error range(points) 2',
    'error regex(game_id)',
    'error covers',
  ]);
  expect(asset('mart.summary').checks[0]).toMatchObject({kind: 'rows', of: {edge: 'box', atLeast: 0.95}});
});

test('how a table is laid out is what the manifest says, and by day where it says nothing', () => {
  expect(asset('raw.boxscores').physical).toEqual({
    grain: 'month',
    cluster: ['player_id'],
    requirePartitionFilter: false,
    maxBytesBilled: 5 * 2 ** 30,
  });
  expect(asset('mart.form').physical).toMatchObject({grain: 'day', cluster: [], maxBytesBilled: undefined});
  expect(asset('raw.schedule').physical.grain).toBe('none');
});

test('a check is read with all that it says', () => {
  const said = [...asset('raw.boxscores').checks, ...asset('mart.summary').checks].map(
    ({at: _, severity, ...check}) => `${severity} ${JSON.stringify(check)}`,
  );
  expect(said.slice(4)).toEqual([
    'error {"kind":"regex","name":"regex(game_id)","column":"game_id","pattern":"00\\\\d{8}","penalty":0}',
    'error {"kind":"covers","name":"covers","atLeast":0.9,"penalty":0}',
    'error {"kind":"rows","name":"rows(raw.boxscores)","of":{"edge":"box","atLeast":0.95},"penalty":0}',
    'error {"kind":"unique","name":"unique(player_id)","columns":["player_id"],"penalty":0}',
    'error {"kind":"accepted-values","name":"accepted_values(game_date)","column":"game_date","values":["2024-01-15","2024-01-16"],"penalty":0}',
    'warn {"kind":"zero-share","name":"zero_share(points)","column":"points","atMost":0.35,"penalty":5}',
    'warn {"kind":"freshness","name":"freshness(game_date)","column":"game_date","within":129600000,"penalty":12.5}',
    'error {"kind":"sum-equals","name":"sum_equals(points, box)","column":"points","edge":"box","to":"points","by":["player_id"],"tolerance":0.5,"penalty":0}',
    'error {"kind":"sum-equals","name":"sum_equals(player_id, raw.boxscores)","column":"player_id","edge":"box","to":"points","by":[],"tolerance":0,"penalty":0}',
  ]);
});

test('the first target is the default one, and a target overrides what it says', () => {
  const local = good();
  expect(local.target).toMatchObject({
    name: 'local',
    warehouse: {path: '.gameplan/warehouse.duckdb', memoryLimit: '512MB'},
    ledger: {kind: 'file', path: '.gameplan/ledger.sqlite'},
  });
  expect(local).toMatchObject({start: '2021-10-19', end: undefined});
  expect(local.sites.get('league')).toEqual({
    name: 'league',
    url: 'https://stats.example.com',
    headers: {referer: 'https://www.example.com/', authorization: 'Bearer sesame'},
    concurrency: 3,
    perMinute: 60,
  });
  const demo = good({target: 'demo', env: {LEAGUE_KEY: 'sesame', DEMO_END: '2025-06-30'}});
  expect(demo).toMatchObject({start: '2023-10-24', end: '2025-06-30'});
  expect(demo.sites.get('league')).toMatchObject({
    url: 'http://127.0.0.1:8899',
    concurrency: 16,
    perMinute: undefined,
  });
});

const IN_BIGQUERY = `
  prod:
    warehouse:
      engine: bigquery
      project: '\${GCP_PROJECT}'
      location: us-west2
      dataset_prefix: nba_
      max_bytes_billed: 50 GiB
      max_bytes_billed_per_run: 2 TiB
      endpoint: '\${BIGQUERY_ENDPOINT:-}'
      credentials: {service_account: '\${KEY_FILE:-key.json}', impersonate: robot@nba.iam.gserviceaccount.com}
    store: {kind: gcs, bucket: '\${GCS_BUCKET}', prefix: nba, endpoint: http://127.0.0.1:1}
  stage:
    warehouse: {engine: bigquery, project: nba-stage, location: EU, price_per_tib: 5}
    store: {kind: gcs, bucket: stage, credentials: {default: true}}
  mixed:
    warehouse: {engine: duckdb, path: mixed.duckdb}
    store: {kind: gcs, bucket: objects}
  same: {start: 2024-01-01}

sites:`;

test('a target in BigQuery and Cloud Storage is read with what it leaves out', () => {
  const text = manifest.replace('\nsites:', IN_BIGQUERY);
  const target = (name: string) => {
    const env = {LEAGUE_KEY: 'sesame', GCP_PROJECT: 'nba-prod', GCS_BUCKET: 'nba-objects'};
    const {pipeline, diagnostics} = parse(text, {target: name, env});
    expect(formatDiagnostics(diagnostics)).toBe('');
    return pipeline?.target;
  };
  const credentials = {
    kind: 'service-account',
    keyFile: 'key.json',
    impersonate: 'robot@nba.iam.gserviceaccount.com',
  };
  expect(target('prod')).toEqual({
    name: 'prod',
    warehouse: {
      engine: 'bigquery',
      project: 'nba-prod',
      location: 'us-west2',
      datasetPrefix: 'nba_',
      maxBytesBilled: 50 * 2 ** 30,
      maxBytesBilledPerRun: 2 * 2 ** 40,
      pricePerTib: 6.25,
      endpoint: undefined,
      credentials,
    },
    store: {kind: 'gcs', bucket: 'nba-objects', prefix: 'nba/', endpoint: 'http://127.0.0.1:1', credentials},
    ledger: {kind: 'file', path: '.gameplan/prod/ledger.sqlite'},
    knownGaps: 'known-gaps.yaml',
  });
  const anyone = {kind: 'default', impersonate: undefined};
  expect(target('stage')).toMatchObject({
    warehouse: {datasetPrefix: '', maxBytesBilled: undefined, pricePerTib: 5, credentials: anyone},
    store: {prefix: '', credentials: anyone},
  });
  const ledgers = ['local', 'demo', 'stage', 'mixed', 'same'].map(name => {
    const ledger = target(name)?.ledger;
    return ledger?.kind === 'file' ? ledger.path : undefined;
  });
  expect(ledgers).toEqual([
    '.gameplan/ledger.sqlite',
    '.gameplan/demo/ledger.sqlite',
    '.gameplan/stage/ledger.sqlite',
    '.gameplan/mixed/ledger.sqlite',
    '.gameplan/ledger.sqlite',
  ]);
});

test('the variables of a target in BigQuery are needed only where it is used', () => {
  const text = manifest.replace('\nsites:', IN_BIGQUERY);
  expect(parse(text, {env: {LEAGUE_KEY: 'sesame'}}).diagnostics).toEqual([]);
  const absent = parse(text, {target: 'prod', env: {LEAGUE_KEY: 'sesame'}}).diagnostics;
  expect(absent.map(({code, message}) => `${code} ${/'[A-Z_]+'/.exec(message)?.[0]}`)).toEqual([
    "missing-variable 'GCP_PROJECT'",
    "missing-variable 'GCS_BUCKET'",
  ]);
});

test('the hash changes with the text and with nothing else', () => {
  expect(good().hash).toBe(good({target: 'demo'}).hash);
  expect(parse(`${manifest}\n# a comment\n`, {env: {LEAGUE_KEY: 'x'}}).pipeline?.hash).not.toBe(good().hash);
});

test('a pipeline cannot be changed', () => {
  const box = asset('raw.boxscores');
  expect(() => Object.assign(box, {retries: 9})).toThrow(TypeError);
  expect(() => Object.assign(box.checks[0] ?? {}, {name: 'x'})).toThrow(TypeError);
});

test('an absent variable is an error only where its target needs it', () => {
  expect(parse(manifest).diagnostics.map(({code}) => code)).toEqual(['missing-variable']);
  expect(parse(manifest).pipeline).toBeUndefined();
});

test('what a variable holds is never printed', () => {
  const text = manifest.replace('https://stats.example.com', `\${SECRET_URL}`);
  const env = {LEAGUE_KEY: 'line\nbreak-sesame', SECRET_URL: 'not-an-url-sesame'};
  const printed = formatDiagnostics(parse(text, {env}).diagnostics);
  expect(printed).toContain('bad-url');
  expect(printed).toContain("The value of header 'Authorization'");
  expect(printed).not.toContain('sesame');
});

test('a manifest that is too large is refused before it is read', () => {
  const {diagnostics} = parse(`# ${'x'.repeat(17 * 1024 * 1024)}`);
  expect(diagnostics.map(({code}) => code)).toEqual(['too-large']);
});

test('nesting without end is a mistake and no overflow', () => {
  for (const text of [
    '['.repeat(100_000),
    '- '.repeat(100_000),
    `${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`,
  ]) {
    const {pipeline, diagnostics} = parse(text);
    expect(pipeline).toBeUndefined();
    expect(diagnostics.length).toBeGreaterThan(0);
  }
});

test('a manifest of 1,000 assets in a chain is read', () => {
  const assets = Array.from({length: 1000}, (_, i) => {
    const upstream = i === 0 ? '' : `upstream: {before: t.a${i - 1}}, `;
    return `  t.a${i}: {sql: a.sql, partition_by: all, ${upstream}columns: {n: int64}, key: [n]}\n`;
  });
  expect(parse(`name: long\nassets:\n${assets.join('')}`).pipeline?.assets.size).toBe(1000);
});

test('a pipeline that was written as text is read back with every place, and the text holds no secret', () => {
  const file = {path: 'pipeline.yaml', text: manifest};
  const env = {LEAGUE_KEY: 'sesame', DEMO_END: '2024-05-01'};
  const {pipeline, variables} = parseManifest({file, target: undefined, env});
  if (pipeline === undefined) throw new Error('There is no pipeline.');
  const text = writePipeline(pipeline, [file], variables.filled);
  expect(readPipeline(text, [file], env)).toEqual(pipeline);
  expect(JSON.stringify(pipeline.sites.get('league')?.headers)).toContain('sesame');
  expect(text).not.toMatch(/sesame|2024-05-01/);
});

test('the places of checks on sources are written like others, without the manifest around them', () => {
  const path = new URL('../cases/diagnostics/checks-of-sources/pipeline.yaml', import.meta.url);
  const file = {path: 'pipeline.yaml', text: readFileSync(path, 'utf8')};
  const {pipeline, variables} = parseManifest({file, target: undefined, env: {}});
  if (pipeline === undefined) throw new Error('There is no pipeline.');
  const text = writePipeline(pipeline, [file], variables.filled);
  expect(text).not.toContain('calendars:');
  expect(readPipeline(text, [file], {})).toEqual(pipeline);
});

test('pipeline.schema.json is what the schema says', () => {
  const written = readFileSync(new URL('../../pipeline.schema.json', import.meta.url), 'utf8');
  const now = `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`;
  expect(written === now, "It is out of date: run 'node scripts/write-schema.ts'.").toBe(true);
});

/** Never throws, and says something where there is no pipeline. */
function holds(text: string): void {
  const {pipeline, diagnostics} = parse(text, {env: {LEAGUE_KEY: 'x'}});
  const printed = formatDiagnostics(diagnostics);
  if (pipeline === undefined) expect(printed).not.toBe('');
  for (const {at} of diagnostics) expect(at.start).toBeLessThanOrEqual(at.file.text.length);
}

test('random text never throws', () => {
  fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 300}), holds), {numRuns: 300});
});

const words = [
  'name',
  'assets',
  'calendars',
  '<<',
  '&a',
  '*a',
  '? ',
  '- ',
  ': ',
  '{',
  '}',
  '[',
  ']',
  '\n',
  '  ',
  "'",
];
const yamlish = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({maxLength: 5})), {maxLength: 80});

test('text that is nearly YAML never throws', () => {
  fc.assert(
    fc.property(yamlish, parts => holds(parts.join(''))),
    {numRuns: 300},
  );
});

const lines = manifest.split('\n');
const values = [
  '',
  ' null',
  ' 7',
  ' []',
  ' {}',
  ' [[]]',
  ' true',
  ' -1',
  ' *x',
  ` '\${X}'`,
  ' __proto__',
  ' {a: {b: 1}}',
];

test('a manifest with lines dropped, swapped or given other values never throws', () => {
  const edit = fc.record({
    at: fc.nat({max: lines.length - 1}),
    to: fc.nat({max: lines.length - 1}),
    how: fc.constantFrom('drop', 'swap', 'value', 'indent'),
    value: fc.constantFrom(...values),
  });
  fc.assert(
    fc.property(fc.array(edit, {minLength: 1, maxLength: 4}), edits => {
      const text = [...lines];
      for (const {at, to, how, value} of edits) {
        const line = text[at] ?? '';
        if (how === 'drop') text[at] = '';
        else if (how === 'swap') [text[at], text[to]] = [text[to] ?? '', line];
        else if (how === 'value') text[at] = line.replace(/:.*$/, `:${value}`);
        else text[at] = `  ${line}`;
      }
      holds(text.join('\n'));
    }),
    {numRuns: 200},
  );
});
