import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {fingerprintOf} from '../../planner/fingerprint.ts';
import {parseManifest} from '../../planner/manifest.ts';
import {judgeSources} from '../../planner/query.ts';
import {judgeBindings} from '../../runner/binding.ts';
import {readProject} from '../../runner/project.ts';
import {queryOf} from '../../runner/workshop.ts';
import {temporaryFolder} from './ledger-cases.ts';

const MANIFEST = `
name: toy
targets:
  local: {warehouse: {engine: duckdb, path: w.duckdb}, store: {kind: folder, path: s}}
  prod:
    warehouse: {engine: bigquery, project: my-project, location: US}
    store: {kind: gcs, bucket: my-bucket}
calendars:
  days: {dates: [{date: 2024-01-01, season: 2023-24}], timezone: UTC, seasons: {from: 2023-24, rolls_over: 07-01}}
defaults: {partition_by: game_date}
assets:
  raw.games: {rows: games.ts, columns: {game_date: date, name: string}, key: [game_date, name]}
  main.names: {sql: names.sql, upstream: {games: raw.games}, columns: {game_date: date, names: string}, key: [game_date]}
`;
const SHARED = 'SELECT game_date, string_agg(name) AS names FROM games GROUP BY game_date';
const OVERRIDE =
  "SELECT game_date, ARRAY_TO_STRING(ARRAY_AGG(name), r'\\s') AS names FROM games GROUP BY game_date";

async function read(target: string, texts: Readonly<Record<string, string>>) {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries({'games.ts': 'export const rows = () => []', ...texts})) {
    mkdirSync(path.dirname(path.join(root, name)), {recursive: true});
    writeFileSync(path.join(root, name), text);
  }
  const file = {path: 'pipeline.yaml', text: MANIFEST};
  const {pipeline, diagnostics} = parseManifest({
    file,
    target,
    env: {},
    knownGaps: () => undefined,
    calendarFile: () => undefined,
  });
  if (pipeline === undefined) throw new Error(formatDiagnostics(diagnostics));
  const {sources} = await readProject({root, pipeline});
  const names = [...pipeline.assets.values()].find(({name}) => name === 'main.names');
  if (names === undefined || names.making.kind !== 'sql') throw new Error('no query');
  const judged = judgeSources(pipeline, sources);
  const bound = await judgeBindings(root, {pipeline, sources}, new Set(judged.map(({at}) => at.file.path)));
  return {
    ...queryOf(sources, names.making.query),
    fingerprint: fingerprintOf(names, sources).hash,
    printed: formatDiagnostics([...judged, ...bound.diagnostics]),
  };
}

test('an override is used on its engine, and the shared text on the others', async () => {
  const both = {'names.sql': SHARED, 'names.bigquery.sql': OVERRIDE};
  const [local, prod] = [await read('local', both), await read('prod', both)];
  expect(local).toMatchObject({query: SHARED, queryPath: 'names.sql', printed: ''});
  expect(prod).toMatchObject({query: OVERRIDE, queryPath: 'names.bigquery.sql', printed: ''});
  expect(prod.fingerprint).not.toBe(local.fingerprint);
});

test('an override makes nothing stale by a comment, and stale by another text', async () => {
  const {fingerprint} = await read('prod', {'names.sql': SHARED, 'names.bigquery.sql': OVERRIDE});
  const commented = await read('prod', {
    'names.sql': 'SELECT 1',
    'names.bigquery.sql': `# it's\n${OVERRIDE};`,
  });
  expect(commented.fingerprint).toBe(fingerprint);
  const other = await read('prod', {
    'names.sql': SHARED,
    'names.bigquery.sql': OVERRIDE.replace("r'\\s'", "r'\\n'"),
  });
  expect(other.fingerprint).not.toBe(fingerprint);
});

test('an override that reads past its edges is told in its own file', async () => {
  const text =
    'SELECT game_date, x AS names\nFROM games, `raw.games` AS g, plays, UNNEST(g.list) AS x\nWHERE RAND() < 1 LIMIT 1';
  const {printed} = await read('prod', {'names.sql': SHARED, 'names.bigquery.sql': text});
  expect(
    printed,
  ).toBe(`names.bigquery.sql:2:13 error [qualified-name] 'raw.games' names a table of the warehouse, past its window: read it as 'games'.
  FROM games, \`raw.games\` AS g, plays, UNNEST(g.list) AS x
              ~~~~~~~~~~~

names.bigquery.sql:2:31 error [unknown-relation] 'plays' is no edge of 'main.names': declare it under 'upstream'.
  FROM games, \`raw.games\` AS g, plays, UNNEST(g.list) AS x
                                ~~~~~

names.bigquery.sql:3:7 error [nondeterministic] 'rand' answers differently each time or elsewhere, so rows could not be made again: use only the inputs.
  WHERE RAND() < 1 LIMIT 1
        ~~~~

names.bigquery.sql:3:18 error [unordered-limit] Which rows 'LIMIT' keeps is left to chance without ORDER BY: order by columns that tell rows apart.
  WHERE RAND() < 1 LIMIT 1
                   ~~~~~
`);
});

test('an override that is no SELECT is told by its own rules', async () => {
  const {printed} = await read('prod', {'names.sql': SHARED, 'names.bigquery.sql': "SELECT 'it''s\n"});
  expect(printed).toMatch(/^names\.bigquery\.sql:1:12 error \[query-syntax\] .* does not end/);
});
