// Plays one game, possession by possession, so that its box score and its play-by-play are one thing.
// Does not deal with printing either; a watcher sees each event as it happens.
import {type Bench, chooseFive, type Line, type Need, openBench} from './bench.ts';
import {type Floor, pick, replaceFive, tell} from './floor.ts';
import type {Watcher} from './happening.ts';
import type {Player} from './players.ts';
import {playPossession} from './possession.ts';
import {randomOf} from './random.ts';

export interface MatchSetup {
  readonly seed: number;
  readonly gameId: string;
  /** Who dressed, best first. */
  readonly home: readonly Player[];
  readonly away: readonly Player[];
  /** How much better the home team's shots fall than the visitors', all told. */
  readonly homeEdge: number;
  readonly watch?: Watcher;
}

export interface Match {
  readonly home: Bench;
  readonly away: Bench;
  readonly periods: number;
}

export function playMatch({seed, gameId, home, away, homeEdge, watch}: MatchSetup): Match {
  const random = randomOf(seed, `game ${gameId}`);
  const floor: Floor = {
    random,
    home: openBench(random, 'home', home, homeEdge / 2),
    away: openBench(random, 'away', away, -homeEdge / 2),
    watch,
    period: 1,
    clock: 720,
    elapsed: 0,
    nextChange: 540,
  };
  while (floor.period <= 4 || floor.home.score === floor.away.score) {
    playPeriod(floor);
    floor.period++;
  }
  floor.period--;
  tell(floor, undefined, {kind: 'game over'});
  return {home: floor.home, away: floor.away, periods: floor.period};
}

function playPeriod(floor: Floor): void {
  const {random, home, away} = floor;
  floor.clock = floor.period <= 4 ? 720 : 300;
  floor.nextChange = floor.clock - 180;
  home.teamFouls = 0;
  away.teamFouls = 0;
  const need: Need = floor.period === 1 || floor.period === 3 ? 'starters' : needNow(floor);
  for (const bench of [home, away]) sendIn(floor, bench, need, floor.period > 1);
  tell(floor, undefined, {kind: 'period', edge: 'start'});
  const first = floor.period === 1 || floor.period > 4 ? jumpBall(floor) : random() < 0.5 ? home : away;
  let offense = first;
  while (floor.clock > 0) {
    if (floor.clock <= floor.nextChange) changePlayers(floor);
    offense = playPossession(floor, offense, other(floor, offense));
  }
  tell(floor, undefined, {kind: 'period', edge: 'end'});
}

function other(floor: Floor, bench: Bench): Bench {
  return bench === floor.home ? floor.away : floor.home;
}

function jumpBall(floor: Floor): Bench {
  const [winners, losers] = floor.random() < 0.5 ? [floor.home, floor.away] : [floor.away, floor.home];
  const winner = pick(floor.random, winners, tallest);
  const loser = pick(floor.random, losers, tallest);
  const receiver = pick(floor.random, winners, line => (line === winner ? 0 : line.player.shots));
  tell(floor, winners, {kind: 'jump ball', winner, loser, receiver});
  return winners;
}

function tallest({player}: Line): number {
  return player.position === 'C' ? 100 : player.position === 'F' ? 10 : 1;
}

function changePlayers(floor: Floor): void {
  floor.nextChange -= 180;
  const need = needNow(floor);
  for (const bench of [floor.home, floor.away]) sendIn(floor, bench, need, true);
}

/** A decided game is for those who seldom play; a close end for the best. */
function needNow({period, clock, home, away}: Floor): Need {
  const margin = Math.abs(home.score - away.score);
  if (period >= 4 && margin >= 22) return 'rest';
  if (period > 4 || (period === 4 && clock <= 360)) return 'best';
  return 'rotation';
}

function sendIn(floor: Floor, bench: Bench, need: Need, visible: boolean): void {
  const next = chooseFive(floor.random, bench, need, Math.min(2880, floor.elapsed + 180));
  replaceFive(floor, bench, next, visible);
}
