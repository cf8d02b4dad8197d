// The games after the regular season: play-in and playoffs, each played as soon as its teams are known.
// Does not deal with how a game is played; that is an argument.
import {addDays} from './calendar.ts';
import type {Game} from './game.ts';
import type {SeasonDates} from './season-dates.ts';
import {seedsOf} from './standings.ts';
import type {Conference, Franchise} from './teams.ts';

export interface Seeded {
  readonly team: Franchise;
  readonly seed: number;
  readonly wins: number;
}

/** A game about to be played. */
export interface Pairing {
  readonly gameId: string;
  readonly date: string;
  readonly type: 'play_in' | 'playoffs';
  readonly home: Seeded;
  readonly away: Seeded;
  readonly label: string;
  readonly seriesGame: string;
}

export type Play = (pairing: Pairing) => Game;

interface Post {
  readonly year: string;
  readonly dates: SeasonDates;
  readonly play: Play;
  readonly games: Game[];
}

/** Plays everything after the regular season; `regular` are its games with their scores. */
export function playPostseason(
  startYear: number,
  dates: SeasonDates,
  regular: readonly Game[],
  play: Play,
): Game[] {
  const post: Post = {year: String(startYear % 100).padStart(2, '0'), dates, play, games: []};
  const champions = (['East', 'West'] as const).map(conference => playConference(post, conference, regular));
  const [east, west] = champions;
  if (east === undefined || west === undefined)
    throw new Error('Internal error: a conference has no champion.');
  const [better, other] = east.wins >= west.wins ? [east, west] : [west, east];
  playSeries(post, {round: 4, index: 0, better, other, label: 'NBA Finals'});
  return post.games;
}

function playConference(post: Post, conference: Conference, regular: readonly Game[]): Seeded {
  const table = seedsOf(conference, regular).map((standing, index) => ({
    team: standing.team,
    seed: index + 1,
    wins: standing.wins,
  }));
  const field = [...table.slice(0, 6), ...playIn(post, conference, table)];
  const first = conference === 'East' ? 0 : 1;
  // One against eight meets four against five next, two against seven three against six.
  const winners = [0, 1, 2, 3].map(index =>
    meet(post, field[index], field[7 - index], {
      round: 1,
      index: 4 * first + index,
      label: `${conference} First Round`,
    }),
  );
  const semis = [0, 1].map(index =>
    meet(post, winners[index], winners[3 - index], {
      round: 2,
      index: 2 * first + index,
      label: `${conference} Conf. Semifinals`,
    }),
  );
  return meet(post, semis[0], semis[1], {round: 3, index: first, label: `${conference} Conf. Finals`});
}

/** Seeds seven and eight of the playoffs from the teams on places seven to ten. */
function playIn(
  {year, dates, play, games}: Post,
  conference: Conference,
  table: readonly Seeded[],
): Seeded[] {
  const [seventh, eighth, ninth, tenth] = table.slice(6, 10);
  if (seventh === undefined || eighth === undefined || ninth === undefined || tenth === undefined) {
    throw new Error(`Internal error: the ${conference} has fewer than ten teams.`);
  }
  const east = conference === 'East';
  const meeting = (id: string, date: string, home: Seeded, away: Seeded): [Seeded, Seeded] => {
    const label = 'Play-In Tournament';
    const game = play({
      gameId: `005${year}00${id}`,
      date,
      type: 'play_in',
      home,
      away,
      label,
      seriesGame: '',
    });
    games.push(game);
    return game.home.score > game.away.score ? [home, away] : [away, home];
  };
  const [first, stillIn] = meeting(east ? '101' : '121', dates.playIn[0], seventh, eighth);
  const [challenger] = meeting(east ? '111' : '131', dates.playIn[1], ninth, tenth);
  const [last] = meeting(east ? '201' : '211', dates.playIn[2], stillIn, challenger);
  return [
    {...first, seed: 7},
    {...last, seed: 8},
  ];
}

interface Series {
  readonly round: 1 | 2 | 3 | 4;
  readonly index: number;
  readonly better: Seeded;
  readonly other: Seeded;
  readonly label: string;
}

function meet(
  post: Post,
  one: Seeded | undefined,
  other: Seeded | undefined,
  series: Omit<Series, 'better' | 'other'>,
): Seeded {
  if (one === undefined || other === undefined)
    throw new Error(`Internal error: ${series.label} lacks a team.`);
  const [better, worse] = one.seed < other.seed ? [one, other] : [other, one];
  return playSeries(post, {...series, better, other: worse});
}

const roundStart = {1: 0, 2: 16, 3: 31, 4: 47} as const;
/** Days of the seven games after the first; the first round leaves one gap more, the finals several. */
const roundDays = {
  1: [0, 2, 5, 7, 9, 11, 13],
  2: [0, 2, 4, 6, 8, 10, 12],
  3: [0, 2, 4, 6, 8, 10, 12],
  4: [0, 3, 6, 8, 11, 14, 17],
} as const;
const longFirstGap = [0, 3, 5, 8, 10, 12, 14];
const atBetter = [true, true, false, false, true, false, true];

/** Best of seven; games one, two, five and seven at the better team's. */
function playSeries({year, dates, play, games}: Post, {round, index, better, other, label}: Series): Seeded {
  const start = addDays(dates.playoffs, roundStart[round] + (index % 2));
  const days = round === 1 && index % 4 >= 2 ? longFirstGap : roundDays[round];
  const wins = {better: 0, other: 0};
  for (let number = 1; wins.better < 4 && wins.other < 4; number++) {
    const [home, away] = atBetter[number - 1] ? [better, other] : [other, better];
    const game = play({
      gameId: `004${year}00${round}${index}${number}`,
      date: addDays(start, days[number - 1] ?? 0),
      type: 'playoffs',
      home,
      away,
      label,
      seriesGame: `Game ${number}`,
    });
    games.push(game);
    if (game.home.score > game.away.score === (home === better)) wins.better++;
    else wins.other++;
  }
  return wins.better === 4 ? better : other;
}
