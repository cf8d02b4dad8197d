// ESPN's scoreboard of a date or a span, and its page of a game, in which the box score is embedded as JSON.
// Does not deal with what a reader of games has no use for: links, logos, leaders, odds and play-by-play.
import {foreignId, foreignPlayerId} from './foreign-id.ts';
import {
  type Box,
  type Game,
  type GameType,
  type Measures,
  type PlayerLine,
  type Side,
  startYearOf,
} from './game.ts';
import {espnCode, fullName, withoutAccents} from './spelling.ts';
import {type Status, statusOf} from './status.ts';
import {slugOf, type Team} from './teams.ts';

const league = {
  id: '46',
  uid: 's:40~l:46',
  name: 'National Basketball Association',
  abbreviation: 'NBA',
  slug: 'nba',
};

const phases: Readonly<Record<GameType, readonly [number, string]>> = {
  preseason: [1, 'preseason'],
  regular: [2, 'regular-season'],
  all_star: [2, 'regular-season'],
  cup_final: [2, 'regular-season'],
  playoffs: [3, 'post-season'],
  play_in: [5, 'play-in-season'],
};

export function espnScoreboardAnswer(games: readonly Game[], now: string | undefined): object {
  return {leagues: [league], events: games.map(game => eventOf(game, statusOf(game, now)))};
}

function eventOf(game: Game, status: Status): object {
  const id = String(foreignId('espn', game.gameId));
  const [type, slug] = phases[game.type];
  const [home, away] = [game.home.team, game.away.team];
  const shown = statusShown(game, status);
  return {
    id,
    uid: `${league.uid}~e:${id}`,
    date: startOf(game),
    name: `${fullName(away)} at ${fullName(home)}`,
    shortName: `${espnCode(away)} @ ${espnCode(home)}`,
    season: {year: startYearOf(game.season) + 1, type, slug},
    competitions: [
      {
        id,
        uid: `${league.uid}~e:${id}~c:${id}`,
        date: startOf(game),
        attendance: 0,
        type: game.type === 'all_star' ? {id: '4', abbreviation: 'ALLSTAR'} : {id: '1', abbreviation: 'STD'},
        timeValid: game.startUtc !== undefined,
        neutralSite: game.neutral,
        conferenceCompetition: false,
        playByPlayAvailable: status === 3,
        recent: false,
        venue: {fullName: game.arena, address: {city: game.arenaCity, state: game.arenaState}},
        competitors: [competitorOf(game, 'home', status), competitorOf(game, 'away', status)],
        notes:
          game.type === 'cup_final' ? [{type: 'event', headline: 'Emirates NBA Cup - Championship'}] : [],
        status: shown,
        format: {regulation: {periods: 4}},
        startDate: startOf(game),
      },
    ],
    status: shown,
  };
}

/** Minutes are as fine as ESPN's clock is; a start that is not known is midnight in the East. */
function startOf(game: Game): string {
  return game.startUtc === undefined ? `${game.date}T05:00Z` : game.startUtc.replace(/:\d\dZ$/, 'Z');
}

function statusShown(game: Game, status: Status): object {
  const [id, name, state, description] = game.postponed
    ? ['6', 'STATUS_POSTPONED', 'post', 'Postponed']
    : status === 3
      ? ['3', 'STATUS_FINAL', 'post', 'Final']
      : status === 2
        ? ['2', 'STATUS_IN_PROGRESS', 'in', 'In Progress']
        : ['1', 'STATUS_SCHEDULED', 'pre', 'Scheduled'];
  return {
    clock: 0,
    displayClock: '0.0',
    period: status === 3 ? 4 : 0,
    type: {
      id,
      name,
      state,
      completed: status === 3,
      description,
      detail: description,
      shortDetail: description,
    },
  };
}

function competitorOf(game: Game, homeAway: 'home' | 'away', status: Status): object {
  const side: Side = game[homeAway];
  const other: Side = game[homeAway === 'home' ? 'away' : 'home'];
  const id = espnTeamId(side.team);
  return {
    id,
    uid: `${league.uid}~t:${id}`,
    type: 'team',
    order: homeAway === 'home' ? 0 : 1,
    homeAway,
    winner: status === 3 && side.score > other.score,
    team: {
      id,
      uid: `${league.uid}~t:${id}`,
      location: side.team.city,
      name: side.team.name,
      abbreviation: espnCode(side.team),
      displayName: fullName(side.team),
      shortDisplayName: side.team.name,
      isActive: true,
    },
    score: status === 3 ? String(side.score) : '0',
    records: [],
  };
}

/** ESPN numbers teams in its own way; all that matters is that it is not the league's. */
function espnTeamId({teamId}: Team): string {
  return String((teamId % 100) - 36);
}

/** The columns of a box score, as ESPN heads them. */
const labels: readonly string[] = 'MIN FG 3PT FT OREB DREB REB AST STL BLK TO PF +/- PTS'.split(' ');

/** A page of a game; without a box score (not played, not recorded) it has no players. */
export function espnPage(gameId: string, box: Box | undefined): string {
  const game = box?.game;
  const gmStrp =
    game === undefined
      ? {}
      : {
          uid: `${league.uid}~e:${foreignId('espn', gameId)}`,
          gid: String(foreignId('espn', gameId)),
          dt: startOf(game),
          seasonType: phases[game.type][0],
          tms: [teamOf(game, 'home'), teamOf(game, 'away')],
        };
  const bxscr = box === undefined ? [] : [scoresOf(box, 'away'), scoresOf(box, 'home')];
  const embedded = JSON.stringify({page: {content: {gamepackage: {gmStrp, bxscr}}}});
  return `<!DOCTYPE html><html><head><title>Box Score</title></head><body><div id="espnfitt"></div><script>window['__espnfitt__']=${embedded};</script></body></html>`;
}

function teamOf(game: Game, side: 'home' | 'away'): object {
  const {team, score} = game[side];
  return {
    id: espnTeamId(team),
    abbrev: espnCode(team),
    displayName: fullName(team),
    isHome: side === 'home',
    score: String(score),
  };
}

function scoresOf(box: Box, side: 'home' | 'away'): object {
  const {team} = box.game[side];
  const {players} = box[side];
  const groups = [
    {type: 'starters', of: players.filter(player => player.starter === true)},
    {type: 'bench', of: players.filter(player => player.starter !== true)},
  ];
  return {
    tm: {
      id: espnTeamId(team),
      abbrev: espnCode(team),
      dspNm: fullName(team),
      nm: team.name,
      hm: side === 'home',
    },
    stats: groups
      .filter(group => group.of.length > 0)
      .map(group => ({type: group.type, lbls: labels, athlts: group.of.map(athleteOf)})),
  };
}

function athleteOf(player: PlayerLine): object {
  const id = String(foreignPlayerId('espn', player.playerId));
  const name = withoutAccents(`${player.firstName} ${player.familyName}`.trim());
  const athlt = {
    id,
    uid: `${league.uid}~a:${id}`,
    dspNm: name,
    lnk: `https://www.espn.com/nba/player/_/id/${id}/${slugOf(name)}`,
    jersey: player.jersey,
  };
  return player.measures === undefined
    ? {athlt, stats: [], dnpRsn: player.comment.toUpperCase()}
    : {athlt, stats: cellsOf(player.measures)};
}

function cellsOf(line: Measures): string[] {
  const pair = (made: number | null, tried: number | null): string =>
    made === null || tried === null ? '--' : `${made}-${tried}`;
  const one = (value: number | null): string => (value === null ? '--' : String(value));
  return [
    line.seconds === null ? '--' : String(Math.round(line.seconds / 60)),
    pair(line.fgm, line.fga),
    pair(line.fg3m, line.fg3a),
    pair(line.ftm, line.fta),
    one(line.oreb),
    one(line.dreb),
    one(line.reb),
    one(line.ast),
    one(line.stl),
    one(line.blk),
    one(line.tov),
    one(line.pf),
    line.plusMinus === null ? '--' : line.plusMinus > 0 ? `+${line.plusMinus}` : String(line.plusMinus),
    one(line.pts),
  ];
}
