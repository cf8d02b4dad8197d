// What an answer says otherwise than the league would: games left out, lines changed, another day's games.
// Does not deal with which request it happens to; see faults.ts.
import {correctBox} from './correction.ts';
import type {ContentKind, FaultRule} from './fault-rule.ts';
import type {Box, Game, Measures, TeamBox} from './game.ts';
import {randomOf} from './random.ts';

export interface Edits {
  /** The whole answer has no rows. */
  readonly empty: boolean;
  /** Dates asked for are answered with the games of the date before. */
  readonly yesterday: boolean;
  /** Of games that are all of their dates, those the answer knows. */
  readonly shown: (games: readonly Game[]) => readonly Game[];
  readonly edit: (box: Box) => Box;
}

export const noEdits: Edits = {empty: false, yesterday: false, shown: games => games, edit: box => box};

export function editsOf(rules: readonly FaultRule[], seed: number): Edits {
  const of = (kind: ContentKind): FaultRule[] => rules.filter(rule => rule.kind === kind);
  const [empty, short, zeros, corrected] = [of('empty'), of('short'), of('zeros'), of('corrected')];
  const isLeftOut = (game: Game, place: number): boolean =>
    empty.some(rule => isAbout(rule, game)) ||
    short.some(rule => isAbout(rule, game) && place >= (rule.games ?? 1));
  return {
    empty: empty.some(({match}) => isAboutAll(match)),
    yesterday: of('yesterday').length > 0,
    shown: games => {
      const places = new Map<string, number>();
      return games.filter(game => {
        const place = places.get(game.date) ?? 0;
        places.set(game.date, place + 1);
        return !isLeftOut(game, place);
      });
    },
    edit: box => {
      const right = corrected.some(rule => isAbout(rule, box.game)) ? correctBox(box) : box;
      return zeros
        .filter(rule => isAbout(rule, box.game))
        .reduce((changed, rule) => withZeros(changed, rule, seed), right);
    },
  };
}

function isAboutAll({game, date, from, to}: FaultRule['match']): boolean {
  return game === undefined && date === undefined && from === undefined && to === undefined;
}

function isAbout({match}: FaultRule, {gameId, date}: Game): boolean {
  const {from = match.date, to = match.date} = match;
  return (
    (match.game === undefined || match.game === gameId) &&
    (from === undefined || date >= from) &&
    (to === undefined || date <= to)
  );
}

/** Of the lines of players, a share has 0 in one measure; totals stay as they are. */
function withZeros(box: Box, {measure = 'seconds', share = 0.4}: FaultRule, seed: number): Box {
  const side = (team: TeamBox): TeamBox => ({
    ...team,
    players: team.players.map(player => {
      const {measures, playerId} = player;
      const isStruck = randomOf(seed, `zeros ${box.game.gameId} ${playerId}`)() < share;
      return measures === undefined || !isStruck
        ? player
        : {...player, measures: {...measures, [measure]: 0} satisfies Measures};
    }),
  });
  return {...box, home: side(box.home), away: side(box.away)};
}
