// One team in a game being played: its lines of the box score and who is on the floor.
// Does not deal with what happens on the floor.
import type {Player} from './players.ts';
import type {Random} from './random.ts';

export interface Line {
  readonly player: Player;
  readonly starter: boolean;
  /** Seconds this player is meant to play of 48 minutes. */
  readonly target: number;
  /** Place among the team's players tonight, 0 is the best. */
  readonly place: number;
  seconds: number;
  fgm: number;
  fga: number;
  fg3m: number;
  fg3a: number;
  ftm: number;
  fta: number;
  oreb: number;
  dreb: number;
  ast: number;
  stl: number;
  blk: number;
  tov: number;
  pf: number;
  pts: number;
  plusMinus: number;
}

export interface Bench {
  readonly side: 'home' | 'away';
  readonly lines: readonly Line[];
  /** Added to the chance of each of the team's shots. */
  readonly edge: number;
  five: readonly Line[];
  score: number;
  /** Fouls in the period that count towards the bonus. */
  teamFouls: number;
}

/** Minutes by place, for a rotation of eleven; a shorter one shares them out anew. */
const minutesByPlace = [35.5, 34, 32.5, 31, 28.5, 22.5, 19.5, 15.5, 11.5, 6.5, 3];

/** `players`: those who dressed, best first. */
export function openBench(
  random: Random,
  side: 'home' | 'away',
  players: readonly Player[],
  edge: number,
): Bench {
  const rotation = Math.min(players.length, 8 + Math.floor(random() * 4));
  const wished = players.map((_, place) =>
    place < rotation ? (minutesByPlace[place] ?? 0) * (0.88 + 0.24 * random()) : 0,
  );
  const scale = (240 * 60) / wished.reduce((sum, minutes) => sum + minutes, 0);
  const lines = players.map((player, place) =>
    emptyLine(player, place, Math.round((wished[place] ?? 0) * scale)),
  );
  return {side, lines, edge, five: lines.slice(0, 5), score: 0, teamFouls: 0};
}

function emptyLine(player: Player, place: number, target: number): Line {
  return {
    player,
    starter: place < 5,
    target,
    place,
    seconds: 0,
    fgm: 0,
    fga: 0,
    fg3m: 0,
    fg3a: 0,
    ftm: 0,
    fta: 0,
    oreb: 0,
    dreb: 0,
    ast: 0,
    stl: 0,
    blk: 0,
    tov: 0,
    pf: 0,
    pts: 0,
    plusMinus: 0,
  };
}

export type Need = 'starters' | 'rotation' | 'best' | 'rest';

/** The five for the next stint: who is furthest behind the minutes meant for them, unless `need` says otherwise. */
export function chooseFive(random: Random, bench: Bench, need: Need, elapsed: number): readonly Line[] {
  const rated = bench.lines.map(line => ({line, rating: rating(random, line, need, elapsed)}));
  rated.sort((a, b) => b.rating - a.rating || a.line.place - b.line.place);
  return rated.slice(0, 5).map(({line}) => line);
}

function rating(random: Random, line: Line, need: Need, elapsed: number): number {
  const noise = random();
  if (line.pf >= 6) return -10_000 - line.pf;
  switch (need) {
    case 'starters':
      return -line.place;
    case 'best':
      return -line.place + noise;
    case 'rest':
      return line.place;
    case 'rotation':
      return line.target === 0
        ? -5000 - line.place
        : (line.target * elapsed) / 2880 - line.seconds - (line.pf === 5 ? 200 : 0) + 90 * noise;
    default:
      return unreachable(need);
  }
}

function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${String(value)}.`);
}
