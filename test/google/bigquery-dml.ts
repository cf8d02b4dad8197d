/**
 * INSERT, UPDATE, DELETE, MERGE and TRUNCATE TABLE
 * (https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax).
 * It does not deal with transactions (bigquery-session.ts).
 */
import {relationOf, type Table} from './bigquery-catalog.ts';
import type {Rows} from './bigquery-engine.ts';
import {BigqueryError} from './bigquery-error.ts';
import {isSymbol, isWord, type Token} from './bigquery-lexer.ts';
import {partitionId} from './bigquery-partition.ts';
import type {Translated} from './bigquery-pieces.ts';
import type {Session} from './bigquery-session.ts';
import {nameOf} from './bigquery-translate.ts';

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/DmlStats */
export interface DmlStats {
  readonly insertedRowCount: string;
  readonly deletedRowCount: string;
  readonly updatedRowCount: string;
}

export async function runDml(session: Session, tokens: readonly Token[]): Promise<DmlStats> {
  const verb = tokens[0]?.value ?? '';
  const table = targetOf(session, tokens);
  const {project} = session.context;
  const name = `${project}:${table.dataset}.${table.id}`;
  session.world.denials.check('bigquery.tables.updateData', project, table.dataset, table.id);
  if (table.body.view !== undefined)
    throw new BigqueryError('invalidQuery', `DML over view ${name} is not supported`);
  const isMutating = verb !== 'INSERT';
  if (isMutating && table.streaming)
    throw new BigqueryError(
      'invalidQuery',
      `UPDATE or DELETE statement over table ${name} would affect rows in the streaming buffer, which is not supported`,
    );
  const alone = {};
  if (isMutating && session.inTransaction) session.world.locks.takeAtOnce(name, session);
  else if (isMutating) await session.world.locks.take(name, alone);
  try {
    return await change(session, tokens, table, verb);
  } finally {
    session.world.locks.release(alone);
  }
}

async function change(
  session: Session,
  tokens: readonly Token[],
  table: Table,
  verb: string,
): Promise<DmlStats> {
  const {timePartitioning} = table.body;
  const id = timePartitioning === undefined ? 'NULL' : partitionId(timePartitioning);
  const translated =
    verb === 'TRUNCATE'
      ? {sql: `DELETE FROM ${relationOf(table)}`, placeOf: () => 0}
      : session.translate(tokens);
  const action = verb === 'MERGE' ? 'merge_action' : `'${verb === 'TRUNCATE' ? 'DELETE' : verb}'`;
  const {rows} = await session.atOnce(() =>
    changedRows(session, `${translated.sql} RETURNING ${action} AS a, ${id} AS p`, translated),
  );
  const counts = {INSERT: 0, DELETE: 0, UPDATE: 0};
  const ids = new Set<string>();
  for (const [a, p] of rows) {
    if (a === 'INSERT' || a === 'DELETE' || a === 'UPDATE') counts[a] += 1;
    if (p !== null) ids.add(String(p));
  }
  await session.changed(table, ids);
  return {
    insertedRowCount: String(counts.INSERT),
    deletedRowCount: String(counts.DELETE),
    updatedRowCount: String(counts.UPDATE),
  };
}

async function changedRows(session: Session, sql: string, translated: Translated): Promise<Rows> {
  const changed = await session.run(sql, translated);
  session.world.quotas.countDml(new Set(changed.rows.map(([, id]) => id)).size);
  return changed;
}

/** The table that a statement changes. */
export function targetOf(session: Session, tokens: readonly Token[]): Table {
  const from = isWord(tokens[1], 'INTO', 'FROM', 'TABLE') ? 2 : 1;
  return session.resolve(
    pathAt(tokens, from).path,
    tokens[from] ?? {kind: 'name', text: '', value: '', start: 0, end: 0},
  );
}

/** A name such as `project.dataset.table`, with or without backticks, and what follows it. */
export function pathAt(
  tokens: readonly Token[],
  from: number,
): {readonly path: readonly string[]; readonly next: number} {
  const path: string[] = [];
  let next = from;
  for (;;) {
    const token = tokens[next];
    if (token === undefined || (token.kind !== 'name' && token.kind !== 'quoted'))
      throw new BigqueryError('invalidQuery', 'Syntax error: Unexpected end of statement');
    path.push(...nameOf(token).split('.'));
    next += 1;
    if (!isSymbol(tokens[next], '.')) return {path, next};
    next += 1;
  }
}
