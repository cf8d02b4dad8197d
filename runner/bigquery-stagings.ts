/**
 * The stagings of one warehouse in BigQuery: made of a query, of rows or of what is published, found and discarded.
 * It does not deal with judging (sql-audit.ts) or publishing them (bigquery-publish.ts).
 */
import {randomUUID} from 'node:crypto';
import type {Row} from './asset.ts';
import {jobStem} from './bigquery-job-id.ts';
import {ndjsonOf} from './bigquery-load.ts';
import {fieldOf, STAGINGS, tableOf, tableSql} from './bigquery-name.ts';
import type {Parts} from './bigquery-parts.ts';
import {publishedRows} from './bigquery-published.ts';
import type {IntoNewTable, TableReference} from './bigquery-rest.ts';
import type {Staging} from './bigquery-staging.ts';
import {type About, Bill, type Statement} from './bigquery-statements.ts';
import {type Staged, type StageRequest, WarehouseError} from './warehouse.ts';

/** Where rows wait to be loaded: objects of a bucket. */
export interface Loading {
  /** Uploads an object that is not there yet, piece by piece; gives its URI (`gs://...`). */
  upload(name: string, pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string>;
  remove(name: string): Promise<void>;
}

type Shapes = Staging['shapes'];

/** A staging whose rows have a table of their own. */
type Own = Staging & {readonly held: TableReference};

export class Stagings {
  readonly #parts: Parts;
  readonly #loading: Loading;
  readonly #open = new Map<string, Staging>();

  constructor(parts: Parts, loading: Loading) {
    this.#parts = parts;
    this.#loading = loading;
  }

  /** Runs a statement into a table of its own. */
  async ofStatement(
    request: StageRequest,
    {statement, shapes}: {readonly statement: Statement; readonly shapes: Shapes},
    about: Pick<About, 'signal' | 'timeoutMs'>,
  ): Promise<Staged> {
    const staging = this.#begin(request, shapes);
    const {table, held, bill} = staging;
    await this.#parts.statements.run(statement, {
      ...about,
      asset: table.name,
      step: 'stage',
      stem: stemOf(staging, 'stage'),
      bill,
      maximumBytesBilled: table.physical?.maxBytesBilled,
      into: into(held),
    });
    return this.#add(held.tableId, staging);
  }

  /** Loads rows through the bucket. */
  async ofRows(
    request: StageRequest,
    rows: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
    signal: AbortSignal,
  ): Promise<Staged> {
    const staging = this.#begin(request, new Map());
    const {table, held, bill} = staging;
    const object = `${held.tableId}.jsonl`;
    const uri = await this.#loading
      .upload(object, ndjsonOf(table, rows), signal)
      .catch((error: unknown) => refuseStopped(signal, error));
    try {
      await this.#parts.statements.send(
        {
          load: {
            sourceUris: [uri],
            sourceFormat: 'NEWLINE_DELIMITED_JSON',
            schema: {fields: table.columns.map(fieldOf)},
            ...into(held),
          },
        },
        {asset: table.name, step: 'load', stem: stemOf(staging, 'load'), bill, signal},
      );
    } finally {
      await this.#loading.remove(object);
    }
    return this.#add(held.tableId, staging);
  }

  /** Published rows, which stay where they are. */
  async ofPublished(request: StageRequest, shapes: Shapes): Promise<Staged> {
    const published = await publishedRows(this.#parts, request);
    const staging: Staging = {...this.#begin(request, shapes), ...published, held: undefined};
    return this.#add(`published ${randomUUID()}`, staging);
  }

  find({relation}: Staged): Staging {
    const staging = this.#open.get(relation);
    if (staging === undefined) throw new Error(`Internal error: no staging '${relation}'`);
    return staging;
  }

  async discard({relation}: Staged): Promise<void> {
    const staging = this.#open.get(relation);
    if (staging === undefined) return;
    this.#open.delete(relation);
    if (staging.held !== undefined) await this.#parts.tables.drop(staging.held);
  }

  /** Their tables are gone after a day. */
  forget(): void {
    this.#open.clear();
  }

  #begin({table, partitions, inputs}: StageRequest, shapes: Shapes): Own {
    const {place} = this.#parts;
    const id = `s_${randomUUID().replaceAll('-', '')}`;
    const held = tableOf(place, `${STAGINGS}.${id}`);
    const rows = tableSql(held);
    return {place, table, partitions, inputs, shapes, held, rows, parameters: {}, bill: new Bill()};
  }

  #add(relation: string, staging: Staging): Staged {
    this.#open.set(relation, staging);
    const {table, partitions, inputs} = staging;
    return {table, partitions, inputs, relation};
  }
}

function stemOf({table, partitions, held}: Own, step: string): string {
  return jobStem({asset: table.name, key: partitions[0]?.key ?? '', step, intent: held.tableId});
}

function into(destinationTable: TableReference): IntoNewTable {
  return {destinationTable, createDisposition: 'CREATE_IF_NEEDED', writeDisposition: 'WRITE_EMPTY'};
}

function refuseStopped(signal: AbortSignal, cause: unknown): never {
  if (signal.aborted) throw new WarehouseError('cancelled', 'The load was stopped.', {cause});
  throw cause;
}
