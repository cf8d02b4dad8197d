import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {parseManifest} from '../../planner/manifest.ts';
import type {Asset, Pipeline} from '../../planner/pipeline.ts';
import {judgeSources} from '../../planner/query.ts';
import {runCase} from '../../runner/asset-test.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
import {readProject} from '../../runner/project.ts';
import {readCases} from '../../runner/test-cases.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const PROD = {
  GCP_PROJECT: 'my-project',
  GCS_BUCKET: 'my-bucket',
  LEDGER_HOST: 'db.example.com',
  LEDGER_PASSWORD: 'hidden',
};

function read(
  target: string,
  change: (text: string) => string = text => text,
): {pipeline: Pipeline | undefined; messages: readonly string[]} {
  const find = (path: string) =>
    existsSync(join(root, path)) ? {path, text: readFileSync(join(root, path), 'utf8')} : undefined;
  const file = {path: 'pipeline.yaml', text: change(readFileSync(join(root, 'pipeline.yaml'), 'utf8'))};
  const env = target === 'prod' ? PROD : {};
  const {pipeline, diagnostics} = parseManifest({file, target, env, knownGaps: find, calendarFile: find});
  return {pipeline, messages: diagnostics.map(({code, message}) => `${code}: ${message}`)};
}

function recorded(): Pipeline {
  const {pipeline} = read('recorded');
  if (pipeline === undefined) throw new Error('The shipped manifest does not parse.');
  return pipeline;
}

/** An asset's edges as `name: upstream window`, in words that a test can hold. */
function edges(asset: Asset | undefined): readonly string[] {
  return (asset?.upstream ?? []).map(({name, upstream, window, required, crossesSeasons, throughToday}) => {
    const count = 'count' in window ? ` ${window.count}` : '';
    const teams = 'teams' in window ? ` ${window.teams}` : '';
    const marks = `${required ? '' : ' soft'}${crossesSeasons ? ' across' : ''}${throughToday ? ' today' : ''}`;
    return `${name}: ${upstream} ${window.kind}${count}${teams}${marks}`;
  });
}

describe('the shipped manifest', () => {
  test.each(['local', 'recorded', 'simulated', 'prod'])('is right for the target %s', target => {
    const {pipeline, messages} = read(target);
    expect(messages).toEqual([]);
    expect(pipeline?.assets.size).toBeGreaterThanOrEqual(20);
  });

  test('is right as well with what it only offers: a ping, who is told, and a ledger that machines share', () => {
    const {pipeline, messages} = read('prod', text =>
      text
        .replace(/^ {4}ledger: \.gameplan\/prod.*\n/m, '')
        .replaceAll(/^( *)# (?=(ping|alerts|ledger| {2}slack| {2}email| {2}digest):)/gm, '$1'),
    );
    expect(messages).toEqual([]);
    expect(pipeline?.target.ledger.kind).toBe('postgres');
    expect(pipeline?.healing.ping).toBeDefined();
    expect(pipeline?.alerts.receivers.map(({kind}) => kind)).toEqual(['slack', 'email']);
  });

  test('has queries and modules in which nothing is wrong', async () => {
    const pipeline = recorded();
    const {sources} = await readProject({root, pipeline});
    expect(judgeSources(pipeline, sources).map(({code, message}) => `${code}: ${message}`)).toEqual([]);
  });

  test('skips the first 14 days in the tables that need history, and in no other', () => {
    const skipping = [...recorded().assets.values()].filter(({skipFirstDays}) => skipFirstDays === 14);
    expect(skipping.map(({name}) => name)).toEqual([
      'analytics.upcoming_player_game_context',
      'precompute.team_defense_zone_analysis',
      'precompute.player_shot_zone_analysis',
      'precompute.player_daily_cache',
      'precompute.player_composite_factors',
      'precompute.ml_feature_store',
      'predictions.player_points',
    ]);
  });

  test('reads the windows that its tables are about', () => {
    const byName = new Map([...recorded().assets].map(([name, asset]) => [String(name), asset]));
    expect(edges(byName.get('analytics.upcoming_team_game_context'))).toEqual([
      'games: raw.games days 30 today',
      'offense: analytics.team_offense_game_summary season-to-date',
      'lines: raw.game_lines same soft',
      'injuries: raw.injury_report same soft',
    ]);
    expect(edges(byName.get('precompute.team_defense_zone_analysis'))).toEqual([
      'games: analytics.team_defense_game_summary games 15 every',
      'league: analytics.team_defense_game_summary days 30',
    ]);
    expect(edges(byName.get('precompute.ml_feature_store'))).toEqual([
      'cache: precompute.player_daily_cache same',
      'factors: precompute.player_composite_factors same',
      'shots: precompute.player_shot_zone_analysis same',
      'defense: precompute.team_defense_zone_analysis same',
      'players: analytics.player_game_summary season-to-date',
      'head_to_head: analytics.player_game_summary days 365 across',
    ]);
    expect(edges(byName.get('predictions.player_points'))).toEqual([
      'features: precompute.ml_feature_store same',
      'context: analytics.upcoming_player_game_context same',
      'lines: analytics.player_lines same soft',
      'history: analytics.player_game_summary days 90 across',
    ]);
  });

  test('gives a prediction 37 features', () => {
    const features = [...recorded().assets.values()].find(({name}) => name === 'precompute.ml_feature_store');
    const identity = ['game_date', 'season', 'game_id', 'player_id', 'player_name', 'team', 'opponent'];
    expect(features?.columns.filter(({name}) => !identity.includes(name))).toHaveLength(37);
  });

  test('signs off the recorded gaps with their games', () => {
    const gaps = recorded().knownGaps.filter(({asset}) => asset === 'raw.player_boxscores');
    expect(gaps.flatMap(({keys}) => keys)).toHaveLength(22);
    expect(gaps.flatMap(({games}) => games)).toHaveLength(37);
  });
});

describe('the examples beside the queries', () => {
  const queries = [...recorded().assets.values()].flatMap(asset =>
    'query' in asset.making ? [{asset, path: asset.making.query.replace(/\.sql$/, '.test.yaml')}] : [],
  );

  test.each(queries.map(({asset, path}) => [String(asset.name), path] as const))(
    'hold for %s',
    async (name, path) => {
      const pipeline = recorded();
      const asset = queries.find(candidate => candidate.asset.name === name)?.asset;
      if (asset === undefined) throw new Error(`no asset '${name}'`);
      const {sources} = await readProject({root, pipeline});
      const {cases, diagnostics} = readCases({path, text: readFileSync(join(root, path), 'utf8')});
      expect(diagnostics).toEqual([]);
      expect(cases.length).toBeGreaterThan(0);
      for (const example of cases) {
        const result = await runCase(example, {
          asset,
          pipeline,
          sources,
          openWarehouse: () => openDuckdb({path: ':memory:'}),
          clock: () => 0,
        });
        expect([result.name, ...result.differences]).toEqual([example.name]);
      }
    },
  );
});
