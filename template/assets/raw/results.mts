/** Rows of raw.results from the files of a night: a line of names, then one line a match. */
import type {Row, Rows} from 'gameplan';

export const rows: Rows = async ({partition, inputs}) => {
  const matches: Row[] = [];
  for await (const file of inputs['files']?.objects() ?? []) {
    const [, ...lines] = file.text().trim().split(/\r?\n/);
    for (const line of lines) {
      const [home = null, away = null, homeGames, awayGames] = line.split(',');
      matches.push({
        game_date: partition.key,
        home,
        away,
        home_games: Number(homeGames),
        away_games: Number(awayGames),
      });
    }
  }
  return matches;
};
