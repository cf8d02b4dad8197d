// Holds the answers' keys and types against responses recorded from the real API.
// Does not deal with values.
import {readFileSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {playerHeaders} from '../../demo/league/gamelog-answer.ts';
import {type LeagueServer, startLeague} from '../../demo/league.ts';
import {dataDir, hasRecordedData, samplesDir} from './client.ts';

const title = hasRecordedData
  ? 'answers have the shape of recorded ones'
  : 'answers have the shape of recorded ones (skipped: ../shared/data is absent)';

/** Paths of all keys, with `[]` for a list's items and the types seen, `null` not counted. */
function shapeOf(
  value: unknown,
  path = '',
  shape = new Map<string, Set<string>>(),
): Map<string, Set<string>> {
  if (Array.isArray(value)) {
    for (const item of value) shapeOf(item, `${path}[]`, shape);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value))
      shapeOf(inner, path === '' ? key : `${path}.${key}`, shape);
  } else if (value !== null) {
    shape.set(path, (shape.get(path) ?? new Set()).add(typeof value));
  } else {
    shape.set(path, shape.get(path) ?? new Set());
  }
  return shape;
}

function sample(name: string): unknown {
  return JSON.parse(readFileSync(`${samplesDir}/${name}`, 'utf8'));
}

/** Keys of one answer that another lacks or gives another type. */
function differences(answer: unknown, real: unknown, side: 'missing' | 'invented'): string[] {
  const [from, to] = side === 'missing' ? [shapeOf(real), shapeOf(answer)] : [shapeOf(answer), shapeOf(real)];
  return [...from].flatMap(([path, types]) => {
    const other = to.get(path);
    if (other === undefined) return [path];
    const agrees = types.size === 0 || other.size === 0 || [...types].some(type => other.has(type));
    return agrees ? [] : [`${path} is ${[...types]}, not ${[...other]}`];
  });
}

describe.skipIf(!hasRecordedData)(title, () => {
  let league: LeagueServer;
  beforeAll(async () => {
    league = await startLeague({mode: 'simulated', seed: 2, seasons: ['2025-26']});
  });
  afterAll(() => league.close());

  async function get(path: string): Promise<unknown> {
    return (await fetch(`${league.url}${path}`)).json();
  }

  test('the box score', async () => {
    const real = sample('nba_stats__boxscoretraditionalv3__0022500165.json');
    const answer = await get('/stats/boxscoretraditionalv3?GameID=0022500165');
    expect(differences(answer, real, 'missing')).toEqual([]);
    expect(differences(answer, real, 'invented')).toEqual([]);
  });

  test('the scoreboard, but for leaders and periods', async () => {
    const real = sample('nba_stats__scoreboardv3__2025-11-05.json');
    const answer = await get('/stats/scoreboardv3?GameDate=2025-11-05');
    const left = /eaders|broadcasters|periods/;
    expect(differences(answer, real, 'missing').filter(path => !left.test(path))).toEqual([]);
    expect(differences(answer, real, 'invented').filter(path => !left.test(path))).toEqual([]);
  });

  test('the play-by-play has no key of its own but the area of a shot', async () => {
    const real = sample('nba_cdn__live_playbyplay__doc_example.json');
    const answer = await get('/static/json/liveData/playbyplay/playbyplay_0022500165.json');
    const invented = differences(answer, real, 'invented');
    expect(invented).toEqual(expect.arrayContaining(['game.actions[].area', 'game.actions[].areaDetail']));
    expect(invented.filter(path => !/area(Detail)?$|stealPersonId|isTargetScore/.test(path))).toEqual([]);
  });

  test('the schedule and the game log, against the list of shapes', async () => {
    const lines = readFileSync(`${dataDir}/api-shapes.md`, 'utf8').split('\n');
    const start = lines.findIndex(line => line.startsWith('## NBA schedule'));
    const end = lines.findIndex((line, index) => index > start && line.startsWith('## '));
    const listed = lines.slice(start, end).flatMap(line => /^- `([^`]+)`/.exec(line)?.[1] ?? []);
    expect(listed.length).toBeGreaterThan(50);
    const told = new Set(shapeOf(await get('/stats/scheduleleaguev2?Season=2025-26')).keys());
    // Lists without items have no paths below them.
    expect(listed.filter(path => !told.has(path) && !/(weeks|pointsLeaders)\[\]$/.test(path))).toEqual([]);
    const headers = lines.find(line => line.startsWith('- LeagueGameLog: '));
    expect(headers).toBe(`- LeagueGameLog: ${playerHeaders.join(', ')}`);
  });
});
