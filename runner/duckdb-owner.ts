/**
 * Whose a warehouse is: the pipeline that wrote it first. Its tables stand under names that another may use too.
 * It does not deal with the ledger's owner (ledger-owner.ts).
 */
import {literal, tableName} from './duckdb-name.ts';
import type {Session} from './duckdb-session.ts';
import {otherOwner} from './ledger-owner.ts';
import {WarehouseError} from './warehouse.ts';

const META = 'gameplan.meta';

/** Makes `pipeline` the owner of a warehouse that has none. Throws a `WarehouseError` where it has another. */
export async function ensureOwner(
  session: Session,
  {catalog, path, pipeline}: {readonly catalog: string; readonly path: string; readonly pipeline: string},
): Promise<void> {
  const table = tableName(catalog, META);
  await createMeta(session, catalog);
  const [row] = await session.rows(`SELECT value FROM ${table} WHERE name = 'pipeline'`);
  if (row === undefined) return await writeOwner(session, catalog, pipeline);
  const owner = String(row[0]);
  if (owner === pipeline) return;
  const {problem, mend} = otherOwner(owner, pipeline);
  throw new WarehouseError('unreadable', `The warehouse '${path}' ${problem}. ${mend}`);
}

/** Gives it to another pipeline. */
export async function renameOwner(session: Session, catalog: string, pipeline: string): Promise<void> {
  await createMeta(session, catalog);
  await writeOwner(session, catalog, pipeline);
}

async function createMeta(session: Session, catalog: string): Promise<void> {
  const columns = 'name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL';
  await session.run(`CREATE TABLE IF NOT EXISTS ${tableName(catalog, META)} (${columns})`);
}

async function writeOwner(session: Session, catalog: string, pipeline: string): Promise<void> {
  await session.run(
    `INSERT OR REPLACE INTO ${tableName(catalog, META)} VALUES ('pipeline', ${literal(pipeline)})`,
  );
}
