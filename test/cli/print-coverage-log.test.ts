import {describe, expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {printEvents, printGames} from '../../cli/print-coverage-log.ts';
import {type CoverageEvent, EVENT_SEVERITY, type EventKind} from '../../planner/coverage-event.ts';
import {PLAIN_TRUST} from '../../planner/ledger.ts';
import {nameOf} from '../../planner/resolution.ts';
import {eventJson, gameJson, gamesOf, resolveEvents} from '../../report/coverage-log.ts';
import {Toy} from '../kit/toy.ts';
import {expectFits, expectGolden} from './golden.ts';

const [DAY1, DAY2] = ['2024-01-15', '2024-01-16'] as const;
const START = Date.parse('2024-01-17T15:00:00Z');

function toy(): Toy {
  const gap = {keys: [DAY1], games: ['0022300002'], reason: 'Abandoned.', accepted_by: 'ops@example.com'};
  const made = new Toy({
    assets: {'raw.box': {covers: {column: 'game_id'}}, 'own.totals': {upstream: {box: 'raw.box'}}},
    knownGaps: [{asset: 'raw.box', accepted_on: '2024-01-20', ...gap}],
  });
  made.calendar({
    [DAY1]: ['BOS-LAL #0022300001', 'NYK-MIA #0022300002'],
    [DAY2]: ['SEA-DEN #0022300003'],
  });
  made.touch('raw.box', DAY1, {absent: ['0022300002']});
  made.touch('raw.box', DAY2);
  return made;
}

function event(kind: EventKind, more: Partial<CoverageEvent>): CoverageEvent {
  const rest = {
    run: '20240117-100000-aaaaaa',
    asset: 'raw.box',
    key: DAY1,
    game: undefined,
    source: undefined,
  };
  return {at: START, kind, severity: EVENT_SEVERITY[kind], detail: 'HTTP 500', ...rest, ...more};
}

const EVENTS: readonly CoverageEvent[] = [
  event('gap-accepted', {
    at: START + 9e7,
    run: undefined,
    game: '0022300002',
    detail: 'ops@example.com: Abandoned.',
  }),
  event('quality-fell', {asset: 'own.totals', key: DAY2, detail: 'from 100 to 85'}),
  event('source-degraded', {game: '0022300002', detail: 'not in the answer'}),
  event('source-error', {
    key: DAY2,
    source: 'nba',
    detail: 'HTTP 500 of https://stats.example.com/box?date=2024-01-16',
  }),
  event('fallback-used', {key: DAY2, source: 'espn', detail: "all of its rows are of 'espn'"}),
  event('check-failed', {key: DAY2, detail: 'range(points): 3 rows'}),
];

function resolved() {
  return resolveEvents(toy().frame(), EVENTS, {
    publications: new Map([[`raw.box@${DAY2}`, [{run: '20240117-120000-bbbbbb', at: START + 7_200_000}]]]),
    happened: new Set(EVENTS.map(each => nameOf(each, each.run))),
  });
}

describe('the coverage log as text', () => {
  for (const width of [80, 200]) {
    test(`event by event, ${width} columns wide`, () => {
      const screen = {timezone: 'America/New_York', width, paint: paintFor(false)};
      const text = printEvents(resolved(), {...screen, limit: 50});
      expectGolden(`print/events-${width}.txt`, text);
      expectFits(text, width);
    });

    test(`game by game, ${width} columns wide`, () => {
      const text = printGames(gamesOf(toy().frame(), resolved(), undefined), {
        timezone: undefined,
        width,
        paint: paintFor(false),
      });
      expectGolden(`print/events-by-game-${width}.txt`, text);
      expectFits(text, width);
    });
  }
});

test('a game has the events of its whole date, and one alone can be asked for', () => {
  const games = gamesOf(toy().frame(), resolved(), '0022300003');
  expect(games.map(({game, events, worst, score}) => [game, events, worst, score])).toEqual([
    ['0022300003', 4, 'error', 100],
  ]);
  expect(games[0]?.open.map(({kind}) => kind)).toEqual(['quality-fell']);
});

test('a game has the sources of its own rows, also of tables without events', () => {
  const made = new Toy({
    assets: {
      'landing.nba': {files: 'assets/nba.ts'},
      'landing.bdl': {files: 'assets/bdl.ts'},
      'raw.box': {
        rows: 'assets/box.ts',
        covers: {column: 'game_id'},
        sources: [
          {name: 'nba', upstream: 'landing.nba'},
          {name: 'bdl', upstream: 'landing.bdl', quality: 80},
        ],
      },
    },
  });
  made.calendar({[DAY1]: ['BOS-LAL #1', 'NYK-MIA #2', 'SEA-DEN #3']});
  for (const asset of ['landing.nba', 'landing.bdl']) made.touch(asset, DAY1);
  const sources = [
    {name: 'nba', games: ['1']},
    {name: 'bdl', games: ['2']},
  ];
  made.touch('raw.box', DAY1, {absent: ['3'], trust: {...PLAIN_TRUST, sources, ceiling: 80, depth: 2}});
  const log = [event('source-error', {asset: 'landing.nba'})];
  const frame = made.frame();
  const found = resolveEvents(frame, log, {publications: new Map(), happened: new Set()});
  expect(
    gamesOf(frame, found, undefined).map(({game, sources: from, score}) => [
      game,
      from,
      Math.round(score ?? -1),
    ]),
  ).toEqual([
    ['1', ['raw.box: nba'], 53],
    ['2', ['raw.box: bdl'], 53],
    ['3', [], -1],
  ]);
});

test('the coverage log as JSON', () => {
  const all = resolved();
  const data = {events: all.map(eventJson), games: gamesOf(toy().frame(), all, undefined).map(gameJson)};
  expectGolden('print/events.json', `${JSON.stringify(data, null, 1)}\n`);
});
