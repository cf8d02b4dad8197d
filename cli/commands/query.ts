/**
 * `gameplan query "SQL"`: reads the warehouse with one SELECT. It writes nothing.
 */

import {number} from '../../planner/amount.ts';
import {duckdbTokens} from '../../planner/duckdb-tokens.ts';
import {TokenView} from '../../planner/token-view.ts';
import {jsonText} from '../../report/frame-view.ts';
import type {Command} from '../command.ts';
import {jsonFlag, projectFlags, waitFlag, whole} from '../flags.ts';
import {openProject} from '../project.ts';
import {printCsv, printTable, rowsJson, type TableData} from '../table.ts';
import {screenOf} from '../view.ts';
import {withWarehouse} from '../warehouse.ts';
import {EXIT, UsageError} from '../world.ts';

/** Rows of a table on the screen; JSON and CSV give all. */
const ROWS = 100;

export const queryCommand: Command = {
  name: 'query',
  summary: 'read the warehouse with one SELECT',
  arguments: [['<sql>', 'the query; tables are named as in the manifest, such as raw.games']],
  flags: [
    ...projectFlags,
    waitFlag,
    {flags: '--limit <n>', description: `at most so many rows (default: ${ROWS} in a table)`, parse: whole},
    jsonFlag,
    {flags: '--csv', description: 'print CSV'},
  ],
  examples: [
    "gameplan query 'SELECT season, count(*) AS games FROM raw.games GROUP BY ALL ORDER BY ALL'",
    'gameplan query "SELECT * FROM raw.player_boxscores WHERE points > 50" --csv > fifties.csv',
  ],
  run: async invocation => {
    const {args, options, world} = invocation;
    const [sql = ''] = args;
    if (options.json === true && options.csv === true) throw new UsageError('--json and --csv: choose one.');
    const project = await openProject(invocation);
    await refuseAllButSelect(sql);
    const limit = options.limit ?? (options.json === true || options.csv === true ? undefined : ROWS);
    const {columns, rows} = await withWarehouse(project, {options}, warehouse =>
      warehouse.read(limited(sql, limit)),
    );
    const isCut = limit !== undefined && rows.length > limit;
    const found: TableData = {columns, rows: isCut ? rows.slice(0, limit) : rows};
    if (options.json === true) world.write(jsonText(rowsJson(found)));
    else world.write(options.csv === true ? printCsv(found) : printTable(found, screenOf(world).paint));
    // A head alone looks as if something were lost.
    if (rows.length === 0 && options.json !== true && options.csv !== true) world.complain('No rows.\n');
    if (isCut) world.complain(`The first ${number(limit)} rows; --limit shows more.\n`);
    return EXIT.done;
  },
};

/**
 * One row more than is shown says that there are more. A comment at the query's end must not hide the bracket; after FROM
 * its order would not count. A query with a limit of its own is left as it is: DuckDB takes no second one.
 */
function limited(sql: string, limit: number | undefined): string {
  const query = sql.trim().replace(/;$/, '');
  if (limit === undefined || new TokenView(duckdbTokens(query)).limit >= 0) return query;
  return `(\n${query}\n) LIMIT ${limit + 1}`;
}

async function refuseAllButSelect(sql: string): Promise<void> {
  const {closeQueryParser, readQueryFacts} = await import('../../runner/query-facts.ts');
  try {
    const {error} = await readQueryFacts(sql);
    if (error !== undefined) throw new UsageError(`this is not one SELECT: ${error.message}`);
  } finally {
    await closeQueryParser();
  }
}
