/** The ledger of a target as the URL of a database, which may hold a password. */
import {expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {parseManifest} from '../../planner/manifest.ts';
import {readPipeline, writePipeline} from '../../planner/pipeline-text.ts';
import {ledgerName, ledgerPlace} from '../../runner/ledger-place.ts';

function parse(ledger: string, env: Readonly<Record<string, string>> = {}) {
  const file = {
    path: 'pipeline.yaml',
    text: `name: league
calendars:
  days: {dates: [{date: 2024-01-15, season: 2023-24}], timezone: UTC}
targets:
  local: {ledger: '${ledger}'}
defaults: {partition_by: game_date}
assets:
  raw.games: {rows: assets/games.ts, description: Games., columns: {game_date: date}, key: [game_date]}
`,
  };
  return {file, ...parseManifest({file, target: undefined, env})};
}

test('a URL names a schema of a database, and messages show it without its password', () => {
  const env = {
    LEDGER_PASSWORD: 'sesame',
    LEDGER_URL: 'postgresql://me:sesame@db:5433/league?sslmode=require&schema=nba',
  };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as the manifest has it
  const parts = parse('postgres://me:${LEDGER_PASSWORD}@db/league', env);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as the manifest has it
  const whole = parse('${LEDGER_URL}', env);
  for (const {pipeline, diagnostics} of [parts, whole])
    expect([pipeline?.target.ledger.kind, diagnostics]).toEqual(['postgres', []]);
  const names = [parts, whole].map(
    ({pipeline}) => pipeline && ledgerName(ledgerPlace({root: '/', pipeline})),
  );
  expect(names).toEqual([
    'postgres://me@db/league?schema=gameplan',
    'postgres://me@db:5433/league?schema=nba',
  ]);
});

test('what is kept of a pipeline holds the name of the variable in place of the URL', () => {
  const env = {LEDGER_URL: 'postgres://me:sesame@db/league'};
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as the manifest has it
  const {file, pipeline, variables} = parse('${LEDGER_URL}', env);
  if (pipeline === undefined) throw new Error('no pipeline');
  const text = writePipeline(pipeline, [file], variables.filled);
  expect(text).not.toContain('sesame');
  expect(readPipeline(text, [file], env).target.ledger).toEqual(pipeline.target.ledger);
});

test.each([
  ['postgres://me:sesame@db/league', 'secret-in-manifest'],
  ['postgres://db/league?password=sesame', 'secret-in-manifest'],
  ['postgres://me@db', 'bad-url'],
  ['postgres://me@db:port/sesame', 'bad-url'],
  ['mysql://me@db/sesame', 'bad-url'],
  ['postgresql+psycopg://me@db/sesame', 'bad-url'],
  ['postgres://me@db/league?schema=Sesame', 'bad-name'],
  ['postgres://me@db/league?schema=pg_sesame', 'bad-name'],
])('%s is refused, and not printed where it is a secret', (ledger, code) => {
  const {pipeline, diagnostics} = parse(ledger);
  expect([pipeline, diagnostics.map(each => each.code)]).toEqual([undefined, [code]]);
  if (code === 'secret-in-manifest') expect(formatDiagnostics(diagnostics)).not.toContain('sesame');
});

test.each([
  'mysql://me:sesame@db/league',
  ' postgresql+psycopg://me:sesame@db/league',
  'postgres://me:12/sesame@db/league',
])('of %s in a variable nothing is printed, and it is no path of a file', url => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as the manifest has it
  const {diagnostics} = parse('${LEDGER_URL}', {LEDGER_URL: url});
  expect(diagnostics.map(each => each.code)).toEqual(['bad-url']);
  expect(formatDiagnostics(diagnostics)).not.toContain('sesame');
});
