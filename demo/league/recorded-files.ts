// Tells whether a folder holds the recorded league, without starting the database that reads it.
// Does not deal with what is in the files.
import {existsSync} from 'node:fs';
import path from 'node:path';

const tables = ['games', 'player_boxscores', 'team_boxscores', 'play_by_play_samples', 'standings_final'];

/** The files of the recorded league that the folder lacks. */
export function missingFiles(folder: string): string[] {
  return tables.map(table => `${table}.parquet`).filter(file => !existsSync(path.join(folder, file)));
}
