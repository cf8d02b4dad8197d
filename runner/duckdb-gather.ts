/**
 * Carries picked rows of one staging into another of the same table. A staging lives on a connection of its own, so
 * rows go over in the engine's chunks, without becoming values here.
 * It does not deal with which rows are picked (cascade.ts).
 */
import {createTemporary} from './duckdb-append.ts';
import {statementError} from './duckdb-error.ts';
import {bindKeys, keyParameter} from './duckdb-key.ts';
import {quoted, temporary} from './duckdb-name.ts';
import {NEW_ROWS} from './duckdb-relations.ts';
import type {Staging} from './duckdb-staging.ts';
import {keyType, partitionColumn} from './table-key.ts';
import type {Part} from './warehouse.ts';

const PICKS = 'gameplan_picks';

export async function gatherPart(from: Staging, picked: Omit<Part, 'from'>, into: Staging): Promise<void> {
  const {session, table} = from;
  const key = partitionColumn(table.partitioning);
  const columns = table.columns.map(({name}) => `new_rows.${quoted(name)}`).join(', ');
  const picks = async (condition: string, bound?: ReturnType<typeof bindKeys>): Promise<void> => {
    const sql = `SELECT ${columns} FROM ${temporary(NEW_ROWS)} AS new_rows ${condition}`;
    await carry(from, {sql, bound}, into);
  };
  if (picked.keys.length > 0) {
    if (key === undefined) await picks('');
    else await picks(`WHERE ${keyParameter(table, 'keys')}`, bindKeys(picked.keys));
  }
  const {games, gameColumn} = picked;
  if (games.length === 0 || gameColumn === undefined || key === undefined) return;
  await createTemporary(session, PICKS, [
    {name: 'key', type: keyType(table.partitioning), values: games.map(pick => pick.key)},
    {name: 'game', type: 'string', values: games.map(pick => pick.game)},
  ]);
  await picks(
    `SEMI JOIN ${temporary(PICKS)} AS picks ON picks.key = new_rows.${quoted(key)}
     AND picks.game = CAST(new_rows.${quoted(gameColumn)} AS VARCHAR)`,
  );
}

async function carry(
  {session}: Staging,
  {sql, bound}: {sql: string; bound: ReturnType<typeof bindKeys> | undefined},
  into: Staging,
): Promise<void> {
  session.refuseIfCancelled();
  try {
    const result = await session.connection.run(sql, bound?.values, bound?.types);
    const appender = await into.session.connection.createAppender(NEW_ROWS, 'main', 'temp');
    try {
      for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
        if (chunk.rowCount === 0) break;
        appender.appendDataChunk(chunk);
      }
    } finally {
      appender.closeSync();
    }
  } catch (error) {
    throw statementError(error);
  }
}
