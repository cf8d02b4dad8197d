// Plays one whole season from a seed: preseason, regular games, cup final, All-Star, play-in and playoffs.
// Does not deal with answers; box scores are kept as they fell, play-by-play is played again when asked for.
import {utcOfEastern, weekday} from './calendar.ts';
import {preseasonGames, regularSeason} from './fixtures.ts';
import {type Game, type GameType, type Side, seasonOf, typeDigit} from './game.ts';
import type {Watcher} from './happening.ts';
import {type Match, playMatch} from './match.ts';
import {injuriesOf, type Player, type Rosters, rostersOf, strengthOf} from './players.ts';
import {type Pairing, playPostseason} from './postseason.ts';
import {randomOf} from './random.ts';
import {withRecords} from './records.ts';
import {type SeasonDates, seasonDates} from './season-dates.ts';
import {type Conference, type Franchise, franchises, type Team} from './teams.ts';

export interface SimulatedSeason {
  readonly games: readonly Game[];
  readonly matches: ReadonlyMap<string, PlayedMatch>;
  /** As they stood at the season's end. */
  readonly rosters: Rosters;
  /** Plays a game once more, to be watched. */
  replay(game: Game, watch: Watcher): void;
}

export interface PlayedMatch {
  readonly match: Match;
  readonly hurt: {readonly home: readonly Player[]; readonly away: readonly Player[]};
  /** Fit, and not among those who dressed. */
  readonly idle: {readonly home: readonly Player[]; readonly away: readonly Player[]};
}

interface Bookings {
  readonly seed: number;
  readonly startYear: number;
  readonly season: string;
  readonly dates: SeasonDates;
  readonly rostersOn: (date: string) => Rosters;
  readonly injuries: ReadonlyMap<number, readonly (readonly [string, string])[]>;
  readonly strengths: ReadonlyMap<number, number>;
  readonly matches: Map<string, PlayedMatch>;
}

export function simulateSeason(seed: number, startYear: number): SimulatedSeason {
  const rosters = rostersOf(seed, startYear);
  const everyone = [...rosters.before.values()].flat();
  const bookings: Bookings = {
    seed,
    startYear,
    season: seasonOf(startYear),
    dates: seasonDates(startYear),
    rostersOn: date => (date < rosters.deadline ? rosters.before : rosters.after),
    injuries: new Map(everyone.map(player => [player.playerId, injuriesOf(seed, player, startYear)])),
    strengths: new Map(franchises.map(team => [team.teamId, strengthOf(seed, team.teamId, startYear)])),
    matches: new Map(),
  };
  const games = playAll(bookings).sort((a, b) => compare(a.date, b.date) || compare(a.gameId, b.gameId));
  return {
    games: withRecords(games),
    matches: bookings.matches,
    rosters: rosters.after,
    replay: (game, watch) => {
      playMatch({...setupOf(bookings, game), watch});
    },
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function playAll(bookings: Bookings): Game[] {
  const {seed, season, startYear, dates} = bookings;
  const preseason = preseasonGames(randomOf(seed, `preseason ${season}`), dates.preseason).map(
    (fixture, index) =>
      play(bookings, {
        ...blank,
        ...fixture,
        gameId: gameId(bookings, 'preseason', index + 1),
        type: 'preseason',
        label: 'Preseason',
      }),
  );
  const regular = regularSeason(randomOf(seed, `fixtures ${season}`), dates.regular).map((fixture, index) =>
    play(bookings, {...blank, ...fixture, gameId: gameId(bookings, 'regular', index + 1), type: 'regular'}),
  );
  const postseason = playPostseason(startYear, dates, regular, pairing => playPairing(bookings, pairing));
  return [...preseason, ...regular, ...cupFinal(bookings), allStarGame(bookings), ...postseason];
}

function gameId({startYear}: Bookings, type: GameType, number: number): string {
  return `00${typeDigit[type]}${String(startYear % 100).padStart(2, '0')}${String(number).padStart(5, '0')}`;
}

interface Meeting {
  readonly gameId: string;
  readonly date: string;
  readonly type: GameType;
  readonly home: Team;
  readonly away: Team;
  readonly homeSeed: number;
  readonly awaySeed: number;
  readonly label: string;
  readonly seriesGame: string;
  readonly neutral: boolean;
}

const blank = {homeSeed: 0, awaySeed: 0, label: '', seriesGame: '', neutral: false};

function playPairing(bookings: Bookings, {home, away, ...pairing}: Pairing): Game {
  return play(bookings, {
    ...blank,
    ...pairing,
    home: home.team,
    away: away.team,
    homeSeed: home.seed,
    awaySeed: away.seed,
  });
}

function play(bookings: Bookings, meeting: Meeting): Game {
  const game = gameOf(bookings, meeting);
  const setup = setupOf(bookings, game);
  const match = playMatch(setup);
  bookings.matches.set(game.gameId, {match, hurt: setup.hurt, idle: setup.idle});
  return {
    ...game,
    home: {...game.home, score: match.home.score},
    away: {...game.away, score: match.away.score},
  };
}

function gameOf({seed, season}: Bookings, meeting: Meeting): Game {
  const {gameId: id, date, type, home, away, neutral} = meeting;
  const place = neutral
    ? neutralFloor
    : (franchises.find(team => team.teamId === home.teamId) ?? neutralFloor);
  const side = (team: Team, seed: number): Side => ({team, score: 0, wins: 0, losses: 0, seed});
  return {
    gameId: id,
    date,
    season,
    type,
    home: side(home, meeting.homeSeed),
    away: side(away, meeting.awaySeed),
    label: meeting.label,
    subLabel: '',
    seriesText: '',
    seriesGame: meeting.seriesGame,
    neutral,
    arena: place.arena,
    arenaCity: place.arenaCity,
    arenaState: place.arenaState,
    startUtc: utcOfEastern(date, tipOff(seed, id, date, place.hoursFromEastern)),
  };
}

const neutralFloor = {
  arena: 'T-Mobile Arena',
  arenaCity: 'Las Vegas',
  arenaState: 'NV',
  hoursFromEastern: -1,
};

/** Minutes after midnight, Eastern; half past seven or so on the home team's clock, on Sundays also earlier. */
function tipOff(seed: number, id: string, date: string, hoursFromEastern: number): number {
  const random = randomOf(seed, `tip ${id}`);
  const local = weekday(date) === 0 && random() < 0.4 ? 15 * 60 + 30 : 19 * 60;
  return local + 30 * Math.floor(random() * 2) - 60 * hoursFromEastern;
}

interface Setup {
  readonly seed: number;
  readonly gameId: string;
  readonly home: readonly Player[];
  readonly away: readonly Player[];
  readonly homeEdge: number;
  readonly hurt: PlayedMatch['hurt'];
  readonly idle: PlayedMatch['idle'];
}

/** Depends on the seed and the game alone, so that a replay is the same game. */
function setupOf(bookings: Bookings, game: Game): Setup {
  const {seed, strengths} = bookings;
  const home = squadOf(bookings, game, game.home.team);
  const away = squadOf(bookings, game, game.away.team);
  const strength = (team: Team): number => strengths.get(team.teamId) ?? 0;
  const homeCourt = game.neutral ? 0 : 0.02;
  return {
    seed,
    gameId: game.gameId,
    home: home.fit,
    away: away.fit,
    homeEdge: 0.021 * (strength(game.home.team) - strength(game.away.team)) + homeCourt,
    hurt: {home: home.hurt, away: away.hurt},
    idle: {home: home.idle, away: away.idle},
  };
}

interface Squad {
  readonly fit: readonly Player[];
  readonly hurt: readonly Player[];
  readonly idle: readonly Player[];
}

const dressed = 13;
const fewest = 9;

function squadOf(bookings: Bookings, game: Game, team: Team): Squad {
  const roster = rosterOf(bookings, game, team);
  const isHurt = (player: Player): boolean =>
    (bookings.injuries.get(player.playerId) ?? []).some(([from, to]) => game.date >= from && game.date < to);
  const fit = roster.filter(player => !isHurt(player));
  if (fit.length < fewest) return {fit: roster.slice(0, fewest), hurt: [], idle: []};
  return {fit: fit.slice(0, dressed), hurt: roster.filter(isHurt), idle: fit.slice(dressed)};
}

function rosterOf({rostersOn}: Bookings, game: Game, team: Team): readonly Player[] {
  const rosters = rostersOn(game.date);
  if (game.type !== 'all_star') return rosters.get(team.teamId) ?? [];
  const conference = team.tricode === 'EST' ? 'East' : 'West';
  return franchises
    .filter(franchise => franchise.conference === conference)
    .flatMap(franchise => rosters.get(franchise.teamId) ?? [])
    .sort((a, b) => b.talent - a.talent || a.playerId - b.playerId)
    .slice(0, dressed);
}

const allStars: Readonly<Record<Conference, Team>> = {
  East: {teamId: 1610616833, tricode: 'EST', city: '', name: 'East All-Stars', slug: 'east-all-stars'},
  West: {teamId: 1610616834, tricode: 'WST', city: '', name: 'West All-Stars', slug: 'west-all-stars'},
};

function allStarGame(bookings: Bookings): Game {
  const home = bookings.startYear % 2 === 0 ? 'East' : 'West';
  return play(bookings, {
    ...blank,
    gameId: gameId(bookings, 'all_star', 1),
    date: bookings.dates.allStar,
    type: 'all_star',
    home: allStars[home],
    away: allStars[home === 'East' ? 'West' : 'East'],
    label: 'All-Star Game',
    neutral: true,
  });
}

/** The cup final: one of the best teams of each conference, in Las Vegas, counted in no standings. */
function cupFinal(bookings: Bookings): Game[] {
  const {dates, seed, season} = bookings;
  if (dates.cupFinal === undefined) return [];
  const random = randomOf(seed, `cup ${season}`);
  const finalist = (conference: Conference): Franchise => {
    const teams = franchises
      .filter(team => team.conference === conference)
      .sort((a, b) => (bookings.strengths.get(b.teamId) ?? 0) - (bookings.strengths.get(a.teamId) ?? 0));
    const team = teams[Math.floor(random() * 4)];
    if (team === undefined) throw new Error(`Internal error: the ${conference} has no teams.`);
    return team;
  };
  const meeting = {
    ...blank,
    home: finalist('West'),
    away: finalist('East'),
    date: dates.cupFinal,
    neutral: true,
  };
  const label = 'Emirates NBA Cup';
  return [play(bookings, {...meeting, gameId: gameId(bookings, 'cup_final', 1), type: 'cup_final', label})];
}
