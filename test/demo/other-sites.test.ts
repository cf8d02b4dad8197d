// The sites beside the league's own, over HTTP: the same games under other ids, codes, names and shapes.
// Does not deal with how a pipeline reads them.
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {type LeagueServer, startLeague} from '../../demo/league.ts';
import {boxOf, dataDir, getJson, hasRecordedData, recordedTitle, scheduleOf, withLeague} from './client.ts';

const season = '2024-25';
const date = '2025-01-15';
let league: LeagueServer;
let gameIds: string[] = [];

beforeAll(async () => {
  league = await startLeague({mode: 'simulated', seed: 5, seasons: [season]});
  const games = await scheduleOf(league, season);
  gameIds = games.filter(game => game.gameDateEst.startsWith(date)).map(({gameId}) => gameId);
});
afterEach(() => league.faults.clear());
afterAll(() => league.close());

async function get<T>(server: LeagueServer, path: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(`${server.url}${path}`, {headers});
  if (!response.ok) throw new Error(`${response.status} from ${path}: ${await response.text()}`);
  // The test states the shape it looks at, and fails on what is missing.
  return (await response.json()) as T;
}

interface Stat {
  readonly id: number;
  readonly min: string;
  readonly pts: number;
  readonly player: {readonly first_name: string; readonly last_name: string};
  readonly team: {readonly id: number; readonly abbreviation: string};
  readonly game: {readonly id: number; readonly date: string; readonly home_team_score: number};
}

interface StatsPage {
  readonly data: readonly Stat[];
  readonly meta: {readonly next_cursor?: number; readonly per_page: number};
}

const key = {authorization: 'anything'};

async function statsOf(server: LeagueServer, day = date): Promise<Stat[]> {
  const found: Stat[] = [];
  for (let cursor: number | undefined; ; ) {
    const more = cursor === undefined ? '' : `&cursor=${cursor}`;
    const page: StatsPage = await get(server, `/bdl/v1/stats?dates[]=${day}&per_page=100${more}`, key);
    found.push(...page.data);
    cursor = page.meta.next_cursor;
    if (cursor === undefined) return found;
  }
}

interface Scoreboard {
  readonly events: readonly {
    readonly id: string;
    readonly date: string;
    readonly season: {readonly type: number};
    readonly competitions: readonly {
      readonly competitors: readonly {
        readonly homeAway: string;
        readonly score: string;
        readonly team: {readonly abbreviation: string};
      }[];
      readonly status: {readonly type: {readonly name: string}};
    }[];
  }[];
}

function scoreboardOf(server: LeagueServer, dates: string): Promise<Scoreboard> {
  return get(server, `/espn/apis/site/v2/sports/basketball/nba/scoreboard?dates=${dates}&limit=1000`);
}

interface Embedded {
  readonly page: {
    readonly content: {
      readonly gamepackage: {
        readonly bxscr: readonly {
          readonly tm: {readonly abbrev: string; readonly hm: boolean};
          readonly stats: readonly {
            readonly lbls: readonly string[];
            readonly athlts: readonly {
              readonly athlt: {readonly dspNm: string};
              readonly stats: readonly string[];
            }[];
          }[];
        }[];
      };
    };
  };
}

async function pageOf(server: LeagueServer, id: string): Promise<Embedded['page']['content']['gamepackage']> {
  const html = await (await fetch(`${server.url}/espn-web/nba/boxscore?gameId=${id}`)).text();
  const [, embedded = ''] = /window\['__espnfitt__'\]=(.*);<\/script>/.exec(html) ?? [];
  // The page's own script, in the shape the test looks at.
  return (JSON.parse(embedded) as Embedded).page.content.gamepackage;
}

interface OddsEvents {
  readonly timestamp: string;
  readonly data: readonly {readonly id: string; readonly home_team: string}[];
}

interface Odds {
  readonly data: {
    readonly bookmakers: readonly {
      readonly key: string;
      readonly markets: readonly {
        readonly key: string;
        readonly outcomes: readonly {
          readonly name: string;
          readonly description: string;
          readonly point: number;
        }[];
      }[];
    }[];
  };
}

const history = '/odds/v4/historical/sports/basketball_nba/events';

function oddsEventsOf(server: LeagueServer, day: string): Promise<OddsEvents> {
  const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  const span = `commenceTimeFrom=${day}T10:00:00Z&commenceTimeTo=${next}T10:00:00Z`;
  return get(server, `${history}?apiKey=x&date=${day}T15:00:00Z&${span}`);
}

function oddsOf(server: LeagueServer, id: string, day: string): Promise<Odds> {
  return get(
    server,
    `${history}/${id}/odds?apiKey=x&date=${day}T15:00:00Z&markets=player_points,player_threes`,
  );
}

function linesIn({data}: Odds): number {
  return data.bookmakers.flatMap(({markets}) => markets.flatMap(({outcomes}) => outcomes)).length;
}

describe('balldontlie', () => {
  test('wants a key, and gives a page at a time until there is no cursor', async () => {
    expect((await fetch(`${league.url}/bdl/v1/stats?dates[]=${date}`)).status).toBe(401);
    const page: StatsPage = await get(league, `/bdl/v1/stats?dates[]=${date}&per_page=100`, key);
    expect([page.data.length, typeof page.meta.next_cursor]).toEqual([100, 'number']);
    const all = await statsOf(league);
    expect(new Set(all.map(({id}) => id)).size).toBe(all.length);
    expect(new Set(all.map(({game}) => game.id)).size).toBe(gameIds.length);
    expect(new Set(all.map(({game}) => game.date))).toEqual(new Set([date]));
  });

  test('counts the points that the league counts, and has a line of zeros for who did not play', async () => {
    const stats = await statsOf(league);
    const boxes = await Promise.all(gameIds.map(id => boxOf(league, id)));
    const points = boxes.reduce((sum, box) => sum + (box.homeTeam.statistics?.points ?? 0), 0);
    const homeScores = new Map(stats.map(({game}) => [game.id, game.home_team_score]));
    expect([...homeScores.values()].reduce((sum, score) => sum + score, 0)).toBe(points);
    const sat = stats.filter(({min}) => min === '00');
    expect(sat.length).toBeGreaterThan(0);
    expect(sat.every(({pts}) => pts === 0)).toBe(true);
  });
});

describe('ESPN', () => {
  test('has the games of a date under its own ids and team codes', async () => {
    const {events} = await scoreboardOf(league, date.replaceAll('-', ''));
    expect(events).toHaveLength(gameIds.length);
    expect(events.every(({id}) => /^401\d{6}$/.test(id))).toBe(true);
    const all = await scoreboardOf(league, '20241001-20241231');
    const own = new Set(
      all.events.flatMap(
        ({competitions}) => competitions[0]?.competitors.map(({team}) => team.abbreviation) ?? [],
      ),
    );
    expect([...own]).toEqual(expect.arrayContaining(['GS', 'NO', 'NY', 'SA', 'UTAH', 'WSH']));
    expect(all.events.length).toBeGreaterThan(400);
  });

  test('embeds the box score in a page, with the same points', async () => {
    const {events} = await scoreboardOf(league, date.replaceAll('-', ''));
    const [event] = events;
    const {bxscr} = await pageOf(league, event?.id ?? '');
    const scores = event?.competitions[0]?.competitors.map(({score}) => Number(score)).sort();
    const sums = bxscr.map(({stats}) => {
      const points = stats.flatMap(({lbls, athlts}) =>
        athlts.map(({stats: cells}) => (cells.length === 0 ? 0 : Number(cells[lbls.indexOf('PTS')]))),
      );
      return points.reduce((sum, value) => sum + value, 0);
    });
    expect(sums.sort()).toEqual(scores);
  });

  test('has a page without a box score for a game that was not played', async () => {
    await withLeague(
      {mode: 'simulated', seed: 5, seasons: [season], now: '2025-01-01T12:00:00Z'},
      async early => {
        const {events} = await scoreboardOf(early, date.replaceAll('-', ''));
        expect(events[0]?.competitions[0]?.status.type.name).toBe('STATUS_SCHEDULED');
        const {bxscr} = await pageOf(early, events[0]?.id ?? '');
        expect(bxscr.flatMap(({stats}) => stats)).toEqual([]);
      },
    );
  });
});

describe('lines on players', () => {
  test('are on two dates of five at the-odds-api and on nearly all at BettingPros', async () => {
    const days = [
      ...new Set((await scheduleOf(league, season)).map(game => game.gameDateEst.slice(0, 10))),
    ].filter(day => day >= '2024-10-22' && day < '2025-04-01');
    let [odds, offers] = [0, 0];
    for (const day of days) {
      const [event] = (await oddsEventsOf(league, day)).data;
      if (event !== undefined && linesIn(await oddsOf(league, event.id, day)) > 0) odds++;
      const {events} = await get<{events: {id: number}[]}>(
        league,
        `/bettingpros/v3/events?sport=NBA&date=${day}`,
        {
          'x-api-key': 'x',
        },
      );
      const ids = events.map(({id}) => id).join(':');
      const found = await get<{offers: unknown[]}>(
        league,
        `/bettingpros/v3/offers?sport=NBA&market_id=156&event_id=${ids}&page=1&limit=10`,
        {'x-api-key': 'x'},
      );
      if (found.offers.length > 0) offers++;
    }
    expect(odds / days.length).toBeGreaterThan(0.25);
    expect(odds / days.length).toBeLessThan(0.55);
    expect(offers / days.length).toBeGreaterThan(0.95);
  });

  test('of an event that nobody knows are not found, and a key is wanted', async () => {
    const at = `date=${date}T15:00:00Z`;
    expect((await fetch(`${league.url}${history}?${at}`)).status).toBe(401);
    expect((await fetch(`${league.url}${history}/${'0'.repeat(32)}/odds?apiKey=x&${at}`)).status).toBe(404);
  });
});

interface GameOdds {
  readonly data: {
    readonly home_team: string;
    readonly bookmakers: readonly {
      readonly markets: readonly {
        readonly key: string;
        readonly outcomes: readonly {
          readonly name: string;
          readonly price: number;
          readonly point?: number;
        }[];
      }[];
    }[];
  };
}

describe('lines on games', () => {
  test('are there for every game, and the markets asked for alone', async () => {
    for (const {id, home_team} of (await oddsEventsOf(league, date)).data) {
      const asked = `apiKey=x&date=${date}T14:00:00Z&markets=spreads,totals`;
      const {data} = await get<GameOdds>(league, `${history}/${id}/odds?${asked}`);
      expect(data.bookmakers).toHaveLength(3);
      for (const {markets} of data.bookmakers) {
        expect(markets.map(({key: market}) => market)).toEqual(['spreads', 'totals']);
        const [spread, total] = markets.map(({outcomes}) => outcomes);
        // What one side is given, the other gives.
        expect((spread?.[0]?.point ?? Number.NaN) + (spread?.[1]?.point ?? Number.NaN)).toBe(0);
        expect(spread?.map(({name}) => name)).toContain(home_team);
        expect(total?.map(({name}) => name)).toEqual(['Over', 'Under']);
      }
    }
  });
});

describe('the injury report', () => {
  const report = (day: string, time: string) =>
    fetch(`${league.url}/nba-static/referee/injury/Injury-Report_${day}_${time}.pdf`);

  test('is a PDF, the same at each asking', async () => {
    const [one, other] = await Promise.all([report(date, '09AM'), report(date, '09AM')]);
    expect(one.headers.get('content-type')).toBe('application/pdf');
    const text = await one.text();
    expect(text.slice(0, 8)).toBe('%PDF-1.4');
    expect(text).toContain('(Injury Report: 01/15/25 09:30 AM)');
    expect(await other.text()).toBe(text);
  });

  test('has minutes in its name since there is one every quarter of an hour', async () => {
    const names = ['09AM', '09_30AM', '06PM', '06_45PM', '06_50PM'];
    const found = await Promise.all(names.map(time => report(date, time)));
    expect(found.map(({status}) => status)).toEqual([200, 404, 200, 404, 404]);
    const later = await Promise.all(names.map(time => report('2026-01-15', time)));
    expect(later.map(({status}) => status)).toEqual([404, 200, 404, 200, 404]);
  });

  test('is not there before half past nine in the East', async () => {
    league.setNow(`${date}T14:29:00Z`);
    expect((await report(date, '09AM')).status).toBe(403);
    league.setNow(`${date}T14:30:00Z`);
    expect((await report(date, '09AM')).status).toBe(200);
    league.setNow(undefined);
  });
});

describe('a fault of one site', () => {
  test('strikes that site alone, on the dates it names', async () => {
    league.faults.add({
      match: {site: 'bdl', from: '2025-01-14', to: '2025-01-16'},
      kind: 'status',
      status: 503,
    });
    await expect(statsOf(league)).rejects.toThrow('503');
    await expect(statsOf(league, '2025-01-17')).resolves.not.toEqual([]);
    expect((await boxOf(league, gameIds[0] ?? '')).homeTeam.statistics).not.toBeNull();
  });

  test('of kind short leaves all but the first games of each date out', async () => {
    league.faults.add({match: {site: 'bdl', date}, kind: 'short', games: 2});
    expect(new Set((await statsOf(league)).map(({game}) => game.id)).size).toBe(2);
    league.faults.add({match: {site: 'espn', from: date}, kind: 'short', games: 1});
    expect((await scoreboardOf(league, date.replaceAll('-', ''))).events).toHaveLength(1);
  });

  test('of kind yesterday answers with the games of the date before', async () => {
    const before = await statsOf(league, '2025-01-14');
    league.faults.add({match: {site: 'bdl', date}, kind: 'yesterday'});
    expect(await statsOf(league)).toEqual(before);
  });

  test('of kind zeros puts 0 into a share of the lines', async () => {
    const before = await statsOf(league);
    league.faults.add({match: {site: 'bdl', date}, kind: 'zeros', share: 0.4, measure: 'pts'});
    const after = await statsOf(league);
    const changed = after.filter(({pts}, index) => pts !== before[index]?.pts);
    expect(changed.every(({pts}) => pts === 0)).toBe(true);
    expect(changed.length / before.length).toBeGreaterThan(0.15);
  });

  test.each([
    [{match: {site: 'nowhere'}, kind: 'empty'}, 'match.site must be one of'],
    [{match: {}, kind: 'zeros', measure: 'luck'}, 'measure must be one of'],
  ])('is refused where it names what there is not: %j', async (rule, message) => {
    const response = await fetch(`${league.url}/_league/faults`, {
      method: 'POST',
      body: JSON.stringify(rule),
    });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('a game that is put off', () => {
  const options = {mode: 'simulated', seed: 5, seasons: [season]} as const;

  test('is listed as postponed, and no site has its box score', async () => {
    await withLeague(options, async server => {
      const [game = ''] = gameIds;
      server.postpone(game);
      const listed = (await scheduleOf(server, season)).find(({gameId}) => gameId === game);
      expect(listed).toMatchObject({gameStatusText: 'PPD', gameStatus: 1, postponedStatus: 'Y'});
      expect((await boxOf(server, game)).homeTeam.statistics).toBeNull();
      expect(new Set((await statsOf(server)).map(each => each.game.id)).size).toBe(gameIds.length - 1);
      const {events} = await scoreboardOf(server, date.replaceAll('-', ''));
      const names = events.map(({competitions}) => competitions[0]?.status.type.name);
      expect(names.filter(name => name === 'STATUS_POSTPONED')).toHaveLength(1);
    });
  });

  test('is played on the day it is moved to', async () => {
    await withLeague(options, async server => {
      const [game = ''] = gameIds;
      const response = await fetch(`${server.url}/_league/postponed`, {
        method: 'POST',
        body: JSON.stringify({game, to: '2025-02-17'}),
      });
      expect(response.status).toBe(200);
      const listed = (await scheduleOf(server, season)).find(({gameId}) => gameId === game);
      expect(listed?.gameDateEst.slice(0, 10)).toBe('2025-02-17');
      expect((await statsOf(server, '2025-02-17')).length).toBeGreaterThan(10);
    });
  });
});

describe.skipIf(!hasRecordedData)(recordedTitle, () => {
  test('has recorded lines, and none of BettingPros', async () => {
    await withLeague({mode: 'recorded', dataDir, seasons: [season]}, async server => {
      const {data} = await oddsEventsOf(server, '2024-12-25');
      expect(data).toHaveLength(5);
      for (const {id} of data) expect(linesIn(await oddsOf(server, id, '2024-12-25'))).toBeGreaterThan(50);
      const offers = await getJson<unknown>(`${server.url}/_league/requests`);
      expect(offers).toMatchObject({odds: 5, 'odds-events': 1});
    });
  });

  test('has no lines on games, and no injury report', async () => {
    await withLeague({mode: 'recorded', dataDir, seasons: [season]}, async server => {
      const [event] = (await oddsEventsOf(server, '2024-12-25')).data;
      const asked = `apiKey=x&date=2024-12-25T14:00:00Z&markets=h2h,spreads,totals`;
      const {data} = await get<GameOdds>(server, `${history}/${event?.id}/odds?${asked}`);
      expect(data.bookmakers).toEqual([]);
      const path = '/nba-static/referee/injury/Injury-Report_2024-12-25_09AM.pdf';
      expect((await fetch(`${server.url}${path}`)).status).toBe(403);
    });
  });

  test('has nobody in the play-in on any site', async () => {
    await withLeague({mode: 'recorded', dataDir, seasons: [season]}, async server => {
      expect(await statsOf(server, '2025-04-15')).toEqual([]);
      const {events} = await scoreboardOf(server, '20250415');
      expect(events.map(({season: {type}}) => type)).toEqual([5, 5]);
      const {bxscr} = await pageOf(server, events[0]?.id ?? '');
      expect(bxscr.flatMap(({stats}) => stats)).toEqual([]);
    });
  });
});
