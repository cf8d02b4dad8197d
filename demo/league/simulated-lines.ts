// Lines that bookmakers would have offered on who wins a simulated game, by how much, and on its points.
// Does not deal with what then happened: a line knows the teams' strengths and nothing of the game.
import type {Game, GameLine} from './game.ts';
import {bell, randomOf, wholeBetween} from './random.ts';
import type {PlayedMatch} from './simulated-season.ts';

const books = ['betmgm', 'draftkings', 'fanduel'];

/** Points that a whole share of all shots is worth, measured over a season. */
const pointsPerEdge = 121;
/** Points of both teams, and the deviation of a margin. */
const usualTotal = 229;
const deviation = 13;

export function simulatedLines(seed: number, {gameId}: Game, {match}: PlayedMatch): readonly GameLine[] {
  const opinion = randomOf(seed, `opening line ${gameId}`);
  const margin = pointsPerEdge * (match.home.edge - match.away.edge) + bell(opinion);
  const points = usualTotal + 4 * bell(opinion);
  return books.map(book => {
    const random = randomOf(seed, `line ${book} ${gameId}`);
    const expected = margin + 0.6 * bell(random);
    const juice = wholeBetween(random, 0, 4);
    const [home, away] = moneylines(expected);
    return {
      book,
      homeSpread: toHalf(-expected),
      homeSpreadOdds: -108 - juice,
      awaySpreadOdds: -112 + juice,
      total: toHalf(points + 0.8 * bell(random)),
      overOdds: -112 + juice,
      underOdds: -108 - juice,
      homeMoneyline: home,
      awayMoneyline: away,
    };
  });
}

/** A whole line could end in a tie; bookmakers prefer halves. */
function toHalf(value: number): number {
  return Math.floor(value) + 0.5;
}

/** American odds of both sides with a margin for the house, from a margin in points (a logistic curve). */
function moneylines(expected: number): readonly [number, number] {
  const chance = 1 / (1 + Math.exp((-1.7 * expected) / deviation));
  return [american(chance + 0.02), american(1 - chance + 0.02)];
}

function american(chance: number): number {
  const bounded = Math.min(0.985, Math.max(0.015, chance));
  return Math.round(bounded >= 0.5 ? (-100 * bounded) / (1 - bounded) : (100 * (1 - bounded)) / bounded);
}
