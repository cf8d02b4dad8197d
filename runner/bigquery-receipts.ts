/**
 * Receipts in BigQuery: append-only tables beside the data. They are inserted by statements, never streamed, so that they
 * stand or fall with the transaction that publishes what they speak of.
 * It does not deal with the rows that receipts speak of (bigquery-publish.ts).
 */
import type {Fingerprint} from '../planner/ledger.ts';
import {insertion, type TableWrite} from './bigquery-limits.ts';
import {OWN, type Place, tableOf, tableSql} from './bigquery-name.ts';
import type {BigqueryParameters} from './bigquery-parameters.ts';
import type {Piece} from './bigquery-publish.ts';
import type {Field, TableReference} from './bigquery-rest.ts';
import type {Statements} from './bigquery-statements.ts';
import type {Tables} from './bigquery-tables.ts';
import {type LastReceipt, type Receipt, type Value, WarehouseError} from './warehouse.ts';

const text = (name: string): Field => ({name, type: 'STRING', mode: 'NULLABLE'});
const whole = (name: string): Field => ({name, type: 'INT64', mode: 'NULLABLE'});

const RECEIPT_FIELDS = [
  ...['asset', 'key', 'kind', 'intent', 'run'].map(text),
  // Microseconds of the server's clock: the order in which they were written.
  whole('place'),
  // Milliseconds since 1970, as the receipt says.
  whole('made_at'),
  // The whole of it, as JSON.
  text('receipt'),
];

export class Receipts {
  readonly #statements: Statements;
  readonly #table: TableReference;
  readonly #fingerprints: TableReference;

  constructor(statements: Statements, place: Place) {
    this.#statements = statements;
    this.#table = tableOf(place, `${OWN}.receipts`);
    this.#fingerprints = tableOf(place, `${OWN}.fingerprints`);
  }

  async create(tables: Tables): Promise<void> {
    await tables.ensureOwn(this.#table, RECEIPT_FIELDS, {clustering: {fields: ['asset', 'key']}});
    await tables.ensureOwn(this.#fingerprints, ['hash', 'parts'].map(text));
  }

  /** Statements that keep these, with their parameters; none where there is nothing to keep. */
  inserts(receipts: readonly Receipt[], fingerprints: readonly Fingerprint[]): Piece {
    const sql: string[] = [];
    const writes: TableWrite[] = [];
    const parameters: Record<string, BigqueryParameters[string]> = {};
    if (fingerprints.length > 0) {
      sql.push(
        `INSERT INTO ${tableSql(this.#fingerprints)} (\`hash\`, parts) SELECT f.\`hash\`, f.parts FROM UNNEST(@fingerprints) AS f`,
      );
      writes.push(insertion(this.#fingerprints));
      parameters['fingerprints'] = {
        type: 'structs',
        fields: [
          {name: 'hash', type: 'STRING', values: fingerprints.map(({hash}) => hash)},
          {name: 'parts', type: 'STRING', values: fingerprints.map(({parts}) => JSON.stringify(parts))},
        ],
      };
    }
    if (receipts.length > 0) {
      const fields = ['asset', 'key', 'kind', 'intent', 'run'];
      const values = fields.map(name => `JSON_VALUE(r, '$.${name}')`).join(', ');
      sql.push(
        `INSERT INTO ${tableSql(this.#table)} (${fields.join(', ')}, place, made_at, receipt)
SELECT ${values}, UNIX_MICROS(CURRENT_TIMESTAMP()), CAST(JSON_VALUE(r, '$.at') AS INT64), r FROM UNNEST(@receipts) AS r`,
      );
      writes.push(insertion(this.#table));
      parameters['receipts'] = {type: 'string', values: receipts.map(receipt => JSON.stringify(receipt))};
    }
    return {sql, parameters, writes};
  }

  /** The receipts of these intents, in the order of their writing. */
  async of(intents: readonly string[]): Promise<readonly Receipt[]> {
    if (intents.length === 0) return [];
    const rows = await this.#statements.rows(
      {
        sql: `SELECT receipt FROM ${tableSql(this.#table)} WHERE intent IN UNNEST(@intents) ORDER BY place, asset, key`,
        parameters: {intents: {type: 'string', values: intents}},
      },
      {asset: OWN, step: 'receipts'},
    );
    return rows.map(([receipt]) => receiptOf(receipt));
  }

  /** One query, whatever the number of partitions. */
  async last(): Promise<readonly LastReceipt[]> {
    const rows = await this.#statements.rows(
      {
        sql: `WITH told AS (
  SELECT asset, key, kind, place, made_at, receipt,
    MAX(IF(kind IN ('forgotten', 'dropped'), place, NULL)) OVER (PARTITION BY asset, key) AS lost
  FROM ${tableSql(this.#table)}),
histories AS (
  SELECT asset, key, MAX(place) AS last,
    MIN(IF(kind = 'published' AND (lost IS NULL OR place > lost), made_at, NULL)) AS arrived_at,
    MAX(IF(kind = 'published', made_at, NULL)) AS published_at,
    MAX(IF(kind IN ('published', 'unchanged'), made_at, NULL)) AS last_made_at
  FROM told GROUP BY asset, key)
SELECT told.receipt, histories.arrived_at, histories.published_at, histories.last_made_at
FROM told JOIN histories ON histories.asset = told.asset AND histories.key = told.key AND histories.last = told.place
ORDER BY told.place, told.asset, told.key`,
      },
      {asset: OWN, step: 'receipts'},
    );
    return rows.map(([receipt, arrivedAt, publishedAt, madeAt]) => ({
      ...receiptOf(receipt),
      arrivedAt: Number(arrivedAt ?? 0),
      publishedAt: Number(publishedAt ?? 0),
      madeAt: Number(madeAt ?? 0),
    }));
  }

  async fingerprints(): Promise<readonly Fingerprint[]> {
    const rows = await this.#statements.rows(
      {sql: `SELECT \`hash\`, ANY_VALUE(parts) FROM ${tableSql(this.#fingerprints)} GROUP BY \`hash\``},
      {asset: OWN, step: 'receipts'},
    );
    return rows.map(([hash, parts]) => ({
      hash: String(hash),
      parts: JSON.parse(String(parts)) as Fingerprint['parts'], // `inserts` wrote them
    }));
  }

  async hasRun(run: string): Promise<boolean> {
    const rows = await this.#statements.rows(
      {
        sql: `SELECT COUNT(*) FROM ${tableSql(this.#table)} WHERE run = @run`,
        parameters: {run},
      },
      {asset: OWN, step: 'receipts'},
    );
    return Number(rows[0]?.[0] ?? 0) > 0;
  }
}

const KINDS: ReadonlySet<string> = new Set(['published', 'unchanged', 'forgotten', 'marked', 'dropped']);

function receiptOf(value: Value | undefined): Receipt {
  const receipt = JSON.parse(String(value)) as Receipt; // `inserts` wrote it
  if (KINDS.has(receipt.kind)) return receipt;
  throw new WarehouseError(
    'unreadable',
    `The warehouse holds a receipt of the unknown kind '${receipt.kind}'; a newer gameplan wrote it. Use that one.`,
  );
}
