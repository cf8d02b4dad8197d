/** Rows of raw.results from the files of a night: a line of names, then one line a match. */
import type {Row, Rows} from 'gameplan';

const COLUMNS = 'home,away,home_games,away_games';

export const rows: Rows = async ({partition, inputs}) => {
  const matches: Row[] = [];
  for await (const file of inputs['files']?.objects() ?? []) {
    const [first = '', ...lines] = file.text().trim().split(/\r?\n/);
    // A file with its columns in another order would be read without a complaint, and be false.
    if (first !== COLUMNS)
      throw new Error(`The first line of '${file.name}' is '${first}', not '${COLUMNS}'.`);
    for (const line of lines) {
      const [home = null, away = null, homeGames = '', awayGames = ''] = line.split(',');
      matches.push({
        game_date: partition.key,
        home,
        away,
        home_games: games(homeGames),
        away_games: games(awayGames),
      });
    }
  }
  return matches;
};

/** What is not there is null, never 0. */
function games(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
