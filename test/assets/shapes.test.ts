import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {z} from 'zod';
import {BoxScore, parseMinutes, teamLines} from '../../assets/shapes/box-score.ts';
import {gameType, seasonTypes} from '../../assets/shapes/game.ts';
import {PlayByPlay, shotValue} from '../../assets/shapes/play-by-play.ts';
import {readRows} from '../../assets/shapes/result-set.ts';
import {hasRecordedData, samplesDir} from '../demo/client.ts';

describe('a game id', () => {
  test('tells the type of its game', () => {
    const ids = ['0012400001', '0022400001', '0032400001', '0042400101', '0052400101', '0062400001'];
    expect(ids.map(gameType)).toEqual([
      'preseason',
      'regular',
      'all_star',
      'playoffs',
      'play_in',
      'cup_final',
    ]);
  });

  test('of an unknown type is an error that names it', () => {
    expect(() => gameType('0092400001')).toThrow("'0092400001' is no game id");
    expect(() => gameType('22400001')).toThrow("'22400001' is no game id");
  });

  test('tells which season types must be asked for, each once', () => {
    expect(seasonTypes(['0022400001', '0022400002', '0062400001', '0052400101'])).toEqual([
      'IST',
      'PlayIn',
      'Regular Season',
    ]);
  });
});

describe('a result set', () => {
  const Line = z.object({PTS: z.number(), FGA: z.number().nullable()});
  const answer = {
    resultSets: [
      {
        name: 'Log',
        headers: ['FGA', 'NAME', 'PTS'],
        rowSet: [
          [7, 'A', 12],
          [null, 'B', 0],
        ],
      },
    ],
  };

  test('is read by header, whatever the order, and null stays null', () => {
    expect(readRows(answer, 'Log', Line)).toEqual([
      {PTS: 12, FGA: 7},
      {PTS: 0, FGA: null},
    ]);
  });

  test('that is gone, or has lost a header, is named', () => {
    expect(() => readRows(answer, 'Other', Line)).toThrow("no result set 'Other', only: Log");
    const Wider = z.object({PTS: z.number(), REB: z.number()});
    expect(() => readRows(answer, 'Log', Wider)).toThrow("Result set 'Log' has no header 'REB'");
  });

  test('with a value of another type is an error, not a null', () => {
    const changed = {resultSets: [{name: 'Log', headers: ['PTS', 'FGA'], rowSet: [['12', 7]]}]};
    expect(() => readRows(changed, 'Log', Line)).toThrow('expected number');
  });
});

test("minutes are read with their seconds in both of the league's forms, and no other", () => {
  expect(['240:00', '265:30', 'PT35M06.00S', '', null].map(parseMinutes)).toEqual([
    240,
    265.5,
    35.1,
    null,
    null,
  ]);
  expect(() => parseMinutes('4h')).toThrow("'4h' is no length of play");
});

test('a box score without totals has no lines', () => {
  const side = {teamId: 0, teamTricode: '', statistics: null};
  const answer = BoxScore.parse({boxScoreTraditional: {gameId: '0', homeTeam: side, awayTeam: side}});
  expect(teamLines(answer)).toEqual([]);
  expect(teamLines(BoxScore.parse({boxScoreTraditional: null}))).toEqual([]);
});

const real = hasRecordedData ? 'real answers' : 'real answers (skipped: ../shared/data is absent)';
describe.skipIf(!hasRecordedData)(real, () => {
  const sample = (name: string): unknown => JSON.parse(readFileSync(`${samplesDir}/${name}.json`, 'utf8'));

  test('of a box score give two lines, home first', () => {
    const lines = teamLines(BoxScore.parse(sample('nba_stats__boxscoretraditionalv3__0022500165')));
    expect(lines.map(({team, opponent, isHome}) => [team, opponent, isHome])).toEqual([
      ['TOR', 'MIL', true],
      ['MIL', 'TOR', false],
    ]);
    expect(lines[0]?.totals).toMatchObject({minutes: '240:00', points: 128, fieldGoalsAttempted: 91});
  });

  test('of play-by-play have the shape that is read', () => {
    const {game} = PlayByPlay.parse(sample('nba_cdn__live_playbyplay__doc_example'));
    expect(game.actions).toHaveLength(1);
    expect(game.actions.map(shotValue)).toEqual([null]);
  });
});
