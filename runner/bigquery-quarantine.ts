/**
 * Keeps what was held back of partitions, for reading: append-only, so that two who hold back or let go never meet.
 * It does not deal with why rows are held back.
 */
import {bigqueryDialect} from './bigquery-dialect.ts';
import {insertion} from './bigquery-limits.ts';
import {literal, OWN, type Place, quoted, tableOf, tableSql} from './bigquery-name.ts';
import type {Piece} from './bigquery-publish.ts';
import type {Field, TableReference} from './bigquery-rest.ts';
import type {Staging} from './bigquery-staging.ts';
import type {Statements} from './bigquery-statements.ts';
import type {Tables} from './bigquery-tables.ts';
import {keyList, keyText} from './sql-dialect.ts';
import {partitionColumn} from './table-key.ts';
import type {HeldBack, HoldRequest} from './warehouse.ts';

/** Rows of a partition that are kept: more would be read by nobody. */
const MOST_ROWS = 10_000;

const text = (name: string): Field => ({name, type: 'STRING', mode: 'NULLABLE'});
const whole = (name: string): Field => ({name, type: 'INT64', mode: 'NULLABLE'});

const ABOUT = {asset: OWN, step: 'quarantine'};

interface Release {
  readonly piece: Piece;
  /** To be called when it is committed: nobody need let go of them again. */
  readonly done: () => void;
}

export class Quarantine {
  readonly #statements: Statements;
  readonly #held: TableReference;
  readonly #rows: TableReference;
  /** Keys by asset, at least those that are held; undefined before anyone looked. */
  #known: Map<string, Set<string>> | undefined;

  constructor(statements: Statements, place: Place) {
    this.#statements = statements;
    this.#held = tableOf(place, `${OWN}.held`);
    this.#rows = tableOf(place, `${OWN}.held_rows`);
  }

  async create(tables: Tables): Promise<void> {
    // `told` is null where it was let go.
    await tables.ensureOwn(this.#held, [text('asset'), text('key'), whole('place'), text('told')]);
    await tables.ensureOwn(this.#rows, [
      text('asset'),
      text('key'),
      text('run'),
      whole('made_at'),
      whole('position'),
      text('held_row'),
    ]);
  }

  async hold({table, rows, parameters, bill}: Staging, {run, at, partitions}: HoldRequest): Promise<void> {
    const keys = partitions.map(({key}) => key);
    const order = table.key.map(name => `t.${quoted(name)}`).join(', ');
    const key = keyText({dialect: bigqueryDialect, table}, 't.');
    const column = partitionColumn(table.partitioning);
    const cut = column === undefined ? '' : ` WHERE ${quoted(column)} IN UNNEST(@keys)`;
    const held = partitions.map(({key: of, ...about}) => ({
      key: of,
      told: JSON.stringify({...about, asset: table.name, key: of, run, at}),
    }));
    await this.#statements.run(
      {
        sql: `BEGIN TRANSACTION;
INSERT INTO ${tableSql(this.#rows)} (asset, key, run, made_at, position, held_row)
SELECT ${literal(table.name)}, gameplan_key, @run, CAST(@made_at AS INT64), gameplan_position, gameplan_row FROM (
  SELECT ${key} AS gameplan_key, TO_JSON_STRING(t) AS gameplan_row,
    ROW_NUMBER() OVER (PARTITION BY ${key}${order === '' ? '' : ` ORDER BY ${order}`}) AS gameplan_position
  FROM (SELECT ${table.columns.map(({name}) => quoted(name)).join(', ')} FROM ${rows}${cut}) AS t)
WHERE gameplan_position <= ${MOST_ROWS};
INSERT INTO ${tableSql(this.#held)} (asset, key, place, told)
SELECT ${literal(table.name)}, h.key, UNIX_MICROS(CURRENT_TIMESTAMP()), h.told FROM UNNEST(@held) AS h;
COMMIT TRANSACTION;`,
        parameters: {
          ...parameters,
          run,
          made_at: String(at),
          ...(column === undefined ? {} : {keys: keyList(table.partitioning, keys)}),
          held: {
            type: 'structs',
            fields: [
              {name: 'key', type: 'STRING', values: held.map(each => each.key)},
              {name: 'told', type: 'STRING', values: held.map(each => each.told)},
            ],
          },
        },
      },
      {...ABOUT, asset: table.name, bill, writes: [insertion(this.#rows), insertion(this.#held)]},
    );
    const known = this.#known?.get(table.name) ?? new Set();
    this.#known?.set(table.name, new Set([...known, ...keys]));
  }

  /** What lets go of these, within a publication; undefined where none of them is held. */
  async release(asset: string, keys: readonly string[] | 'all'): Promise<Release | undefined> {
    const held = (await this.#keysHeld()).get(asset);
    const gone = held === undefined ? [] : keys === 'all' ? [...held] : keys.filter(key => held.has(key));
    if (gone.length === 0) return undefined;
    const sql = `INSERT INTO ${tableSql(this.#held)} (asset, key, place, told)
SELECT ${literal(asset)}, k, UNIX_MICROS(CURRENT_TIMESTAMP()), CAST(NULL AS STRING) FROM UNNEST(@released) AS k`;
    return {
      piece: {
        sql: [sql],
        parameters: {released: {type: 'string', values: gone}},
        writes: [insertion(this.#held)],
      },
      done: () => {
        for (const key of gone) this.#known?.get(asset)?.delete(key);
      },
    };
  }

  async letGo(partitions: readonly {readonly asset: string; readonly key: string}[]): Promise<void> {
    for (const [asset, own] of Map.groupBy(partitions, each => each.asset)) {
      const keys = own.map(({key}) => key);
      const release = await this.release(asset, keys);
      if (release === undefined) continue;
      const {sql, parameters, writes} = release.piece;
      await this.#statements.run({sql: sql.join(';\n'), parameters}, {...ABOUT, writes});
      release.done();
    }
  }

  async list(): Promise<readonly HeldBack[]> {
    const rows = await this.#statements.rows(
      {
        sql: `SELECT told FROM ${tableSql(this.#held)} WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY asset, key ORDER BY place DESC) = 1 ORDER BY asset, key`,
      },
      ABOUT,
    );
    return rows.flatMap(([told]) => {
      if (told === null || told === undefined) return [];
      const held = JSON.parse(String(told)) as Omit<HeldBack, 'kept'>; // `hold` wrote it
      return [{...held, kept: Math.min(held.rows, MOST_ROWS)}];
    });
  }

  async rows({asset, key}: {readonly asset: string; readonly key: string}): Promise<readonly string[]> {
    const held = (await this.list()).find(each => each.asset === asset && each.key === key);
    if (held === undefined) return [];
    const found = await this.#statements.rows(
      {
        sql: `SELECT held_row FROM ${tableSql(this.#rows)}
WHERE asset = @asset AND key = @key AND run = @run AND made_at = CAST(@made_at AS INT64) ORDER BY position`,
        parameters: {asset, key, run: held.run, made_at: String(held.at)},
      },
      ABOUT,
    );
    return found.map(([row]) => String(row));
  }

  async #keysHeld(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    if (this.#known === undefined) {
      const known = new Map<string, Set<string>>();
      for (const {asset, key} of await this.list())
        known.set(asset, (known.get(asset) ?? new Set()).add(key));
      this.#known = known;
    }
    return this.#known;
  }
}
