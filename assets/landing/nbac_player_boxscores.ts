/**
 * Fetches the league's player game log of one date: one request for each season type played on it.
 * It does not deal with rows of other dates or columns; raw.player_boxscores does.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {seasonTypes} from '../shapes/game.ts';
import {PLAYER_LOG, PlayerLogRow} from '../shapes/player-log.ts';
import {ResultSets, readRows} from '../shapes/result-set.ts';

export const files: Files = async ({partition, site, put}) => {
  const day = leagueDay(partition.key);
  const expected = new Set(partition.games.map(game => game.id));
  const found = new Set<string>();
  const types = seasonTypes(partition.games.map(game => game.id));
  let rows = 0;
  await Promise.all(
    types.map(async seasonType => {
      const answer = await site.get('/stats/leaguegamelog', {
        Counter: 0,
        DateFrom: day,
        DateTo: day,
        Direction: 'ASC',
        LeagueID: '00',
        PlayerOrTeam: 'P',
        Season: partition.season ?? '',
        SeasonType: seasonType,
        Sorter: 'DATE',
      });
      await put(`${seasonType.toLowerCase().replace(' ', '-')}.json`, answer.bytes);
      for (const row of readRows(answer.json(ResultSets), PLAYER_LOG, PlayerLogRow)) {
        rows++;
        if (expected.has(row.GAME_ID)) found.add(row.GAME_ID);
      }
    }),
  );
  // The league answers 200 and nothing, or what it had yesterday, for a date that it does not have yet; and nothing for
  // games of another type than was asked for.
  if (found.size === 0)
    throw new EmptyAnswer(
      rows === 0
        ? `answered 200 with no rows for ${partition.games.length} games, asked for as '${types.join("', '")}'`
        : `answered 200 with ${rows} rows, none of the ${partition.games.length} games of ${partition.key}`,
    );
  return {games: [...found].sort()};
};

/** `2024-01-15` as the league's game log wants it, `01/15/2024`. */
function leagueDay(date: string): string {
  const [year, month, day] = date.split('-');
  return `${month}/${day}/${year}`;
}
