// Lines that bookmakers would have offered on a simulated game, from how good its players are.
// Does not deal with what then happened: a line knows nothing of its game.
import type {Bench} from './bench.ts';
import type {Game, Quote, QuoteSource} from './game.ts';
import type {Player} from './players.ts';
import {randomOf, wholeBetween} from './random.ts';
import {withoutAccents, withoutDots} from './spelling.ts';

/** Of all dates, the share on which a seller has lines: the same ones whatever the seed, so that they can be signed off. */
const share: Readonly<Record<QuoteSource, number>> = {odds: 0.4, bettingpros: 0.997};

const books: Readonly<Record<QuoteSource, readonly string[]>> = {
  odds: ['draftkings', 'fanduel'],
  bettingpros: ['betmgm', 'draftkings'],
};

/** Players a team whom lines are offered on. */
const quoted = 8;

export function simulatedQuotes(
  seed: number,
  source: QuoteSource,
  game: Game,
  benches: readonly Bench[],
): Quote[] {
  if (randomOf(0, `lines ${source} ${game.date}`)() >= share[source]) return [];
  return books[source].flatMap(book =>
    benches.flatMap(bench => {
      const squad = [...bench.lines.map(line => line.player)]
        .sort((a, b) => b.talent - a.talent)
        .slice(0, quoted);
      const shots = squad.reduce((sum, player) => sum + player.shots, 0);
      return squad.flatMap(player => {
        const random = randomOf(seed, `${source} ${book} ${game.gameId} ${player.playerId}`);
        const points = (100 * player.shots) / shots;
        return [
          quoteOf(player, {source, book, market: 'player_points', mean: points, random}),
          quoteOf(player, {source, book, market: 'player_threes', mean: points / 9, random}),
        ];
      });
    }),
  );
}

interface About {
  readonly source: QuoteSource;
  readonly book: string;
  readonly market: string;
  readonly mean: number;
  readonly random: () => number;
}

function quoteOf({firstName, familyName}: Player, {source, book, market, mean, random}: About): Quote {
  const name = `${firstName} ${familyName}`;
  const juice = wholeBetween(random, 0, 12);
  return {
    player: source === 'odds' ? withoutDots(name) : withoutAccents(name),
    market,
    book,
    line: Math.max(0, Math.round(mean + 2 * random() - 1)) + 0.5,
    over: -104 - juice,
    under: -116 + juice,
  };
}
