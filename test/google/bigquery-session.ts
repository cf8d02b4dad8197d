/**
 * One query job at work: its connection, what the names in its statements stand for, its transaction.
 * It does not deal with statements one by one (bigquery-script.ts).
 */
import type {DuckDBConnection} from '@duckdb/node-api';
import {relationOf, type Table} from './bigquery-catalog.ts';
import {engineError, type Rows, rowsOf} from './bigquery-engine.ts';
import {BigqueryError} from './bigquery-error.ts';
import {fillInformation, INFORMATION} from './bigquery-information.ts';
import {isSymbol, isWord, placeOf, type Token, tokenize} from './bigquery-lexer.ts';
import {join, type Translated, textOf} from './bigquery-pieces.ts';
import {type Parameter, parameterExpression} from './bigquery-rows.ts';
import {type Field, fieldOfType, quotedName, quotedText, typeOfField} from './bigquery-schema.ts';
import {isAlias, type Names, nameOf, translate} from './bigquery-translate.ts';
import type {World} from './bigquery-world.ts';
import {touch} from './bigquery-write.ts';

export interface QueryContext {
  readonly query: string;
  readonly location: string;
  readonly parameters: readonly Parameter[];
  readonly defaultDataset: {readonly projectId?: string; readonly datasetId?: string} | undefined;
  /** Where an unqualified name is looked up and jobs run. */
  readonly project: string;
  /** Waits where a test asked for it, within a transaction before it commits. */
  readonly beforeCommit: () => Promise<void>;
}

/** One place where a statement, or a view in it, names a table. */
export interface Read {
  readonly table: Table;
  readonly tokens: readonly Token[];
  /** The index of the name's first token, and of the first after the name. */
  readonly at: number;
  readonly end: number;
  readonly alias: string;
}

interface Transaction {
  readonly touched: Map<Table, Set<string>>;
}

export class Session {
  readonly world: World;
  readonly context: QueryContext;
  readonly connection: DuckDBConnection;
  /** Tables that statements have named so far. */
  readonly references = new Map<string, Table>();
  readonly functions = new Set<string>();
  readonly variables = new Map<string, string>();
  /** In lower case, with the relation of each. */
  readonly temporary = new Map<string, string>();
  readonly #information = new Map<string, {readonly dataset: string; readonly view: string}>();
  readonly #parameters: ReadonlySet<string>;
  #transaction: Transaction | undefined;
  #reads: {readonly table: Table; readonly tokens: readonly Token[] | undefined; readonly start: number}[] =
    [];

  private constructor(world: World, context: QueryContext, connection: DuckDBConnection) {
    this.world = world;
    this.context = context;
    this.connection = connection;
    this.#parameters = new Set(context.parameters.map(({name}) => (name ?? '').toLowerCase()));
  }

  static async open(world: World, context: QueryContext): Promise<Session> {
    const connection = await world.engine.connect();
    for (const parameter of context.parameters)
      await connection.run(
        `SET VARIABLE ${quotedName(variableOf(parameter.name ?? ''))} = ${parameterExpression(parameter)}`,
      );
    return new Session(world, context, connection);
  }

  close(): void {
    this.world.locks.release(this);
    this.connection.disconnectSync();
  }

  get inTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  async begin(): Promise<void> {
    if (this.#transaction !== undefined)
      throw new BigqueryError('invalidQuery', 'Transaction is already in progress');
    await this.connection.run('BEGIN TRANSACTION');
    this.#transaction = {touched: new Map()};
  }

  async commit(): Promise<void> {
    const transaction = this.#transaction;
    if (transaction === undefined) throw new BigqueryError('invalidQuery', 'There is no active transaction');
    await this.context.beforeCommit();
    await this.connection.run('COMMIT');
    this.#transaction = undefined;
    for (const [table, ids] of transaction.touched) await touch(this.world, this.connection, table, [...ids]);
    this.world.locks.release(this);
  }

  async rollback(): Promise<void> {
    if (this.#transaction === undefined) return;
    this.#transaction = undefined;
    await this.connection.run('ROLLBACK');
    this.world.locks.release(this);
  }

  /** Wholly or not at all, in the script's transaction where there is one. */
  async atOnce<T>(work: () => Promise<T>): Promise<T> {
    if (this.#transaction !== undefined) return await work();
    await this.connection.run('BEGIN TRANSACTION');
    try {
      const done = await work();
      await this.connection.run('COMMIT');
      return done;
    } catch (error) {
      await this.connection.run('ROLLBACK');
      throw error;
    }
  }

  /** What a statement changed counts at once, or with the transaction. */
  async changed(table: Table, ids: ReadonlySet<string>): Promise<void> {
    if (this.#transaction === undefined) {
      await touch(this.world, this.connection, table, [...ids]);
      return;
    }
    const touched = this.#transaction.touched.get(table) ?? new Set();
    for (const id of ids) touched.add(id);
    this.#transaction.touched.set(table, touched);
  }

  translate(tokens: readonly Token[], names: Names = this.names()): Translated {
    return join(translate(this.context.query, tokens, names));
  }

  /** Where a statement names tables, views looked into. */
  readsOf(tokens: readonly Token[]): readonly Read[] {
    this.#reads = [];
    this.translate(tokens);
    return this.#reads.map(read => {
      const own = read.tokens ?? tokens;
      const at = own.findIndex(({start}) => start === read.start);
      let end = at + 1;
      while (isSymbol(own[end], '.')) end += 2;
      const named = isWord(own[end], 'AS') ? own[end + 1] : own[end];
      const isNamed = named !== undefined && (isWord(own[end], 'AS') || isAlias(named));
      return {table: read.table, tokens: own, at, end, alias: isNamed ? nameOf(named) : read.table.id};
    });
  }

  async run(sql: string, translated: Translated): Promise<Rows> {
    try {
      for (const [name, {dataset, view}] of this.#information)
        await fillInformation(this.world, this.connection, name, dataset, view);
      this.#information.clear();
      return await rowsOf(this.connection, sql);
    } catch (error) {
      const shift = Math.max(sql.indexOf(translated.sql), 0);
      const placeOf = (offset: number) => translated.placeOf(offset - shift);
      throw engineError(error, this.context.query, {...translated, placeOf});
    }
  }

  /** The columns that a query would return. */
  async describe(translated: Translated): Promise<readonly Field[]> {
    const {names, types} = await this.run(`SELECT * FROM (${translated.sql}\n) LIMIT 0`, translated);
    const fields = names.map((name, i) => {
      const type = types[i];
      if (type === undefined) throw new Error('Internal error: a column without a type.');
      return fieldOfType(isNamed(name) ? name : `f${i}_`, type);
    });
    const seen = new Set<string>();
    for (const {name} of fields) {
      if (seen.has(name.toLowerCase()))
        throw new BigqueryError(
          'invalidQuery',
          `Duplicate column names in the result are not supported when a destination table is present. Found duplicate(s): ${name}`,
        );
      seen.add(name.toLowerCase());
    }
    return fields;
  }

  /** Runs a query into a relation of its own, with GoogleSQL's types. */
  async materialize(translated: Translated, relation: string): Promise<readonly Field[]> {
    const fields = await this.describe(translated);
    const aliases = fields.map(({name}) => quotedName(name));
    const casts = fields.map((field, i) => `CAST(${aliases[i]} AS ${typeOfField(field)}) AS ${aliases[i]}`);
    await this.run(
      `CREATE TABLE ${relation} AS SELECT ${casts.join(', ')} FROM (${translated.sql}\n) AS _q(${aliases.join(', ')})`,
      translated,
    );
    return fields;
  }

  names(): Names {
    return {
      table: (path, at) => this.#table(path, at, undefined),
      parameter: (name, at) => this.#parameter(name, at),
      functions: this.functions,
      variables: this.variables,
    };
  }

  #parameter(name: string, at: Token): string {
    if (!this.#parameters.has(name.toLowerCase()))
      throw new BigqueryError(
        'invalidQuery',
        `Query parameter '${name}' not found at ${placeOf(this.context.query, at.start)}`,
      );
    return `getvariable(${quotedText(variableOf(name))})`;
  }

  /** `view`: where the name stands in a view and not in the job's own query. */
  #table(
    path: readonly string[],
    at: Token,
    view: View | undefined,
  ): {readonly sql: string; readonly alias: string} {
    const alias = path.at(-1) ?? '';
    const temporary = this.temporary.get(alias.toLowerCase());
    if (path.length === 1 && temporary !== undefined) return {sql: temporary, alias};
    const information = path.findIndex(part => part.toUpperCase() === 'INFORMATION_SCHEMA');
    if (information > 0) return {sql: this.#informationTable(path[information - 1] ?? '', alias), alias};
    const table = this.resolve(path, at, view?.query);
    this.world.denials.check('bigquery.tables.getData', this.context.project, table.dataset, table.id);
    this.#reads.push({table, tokens: view?.tokens, start: at.start});
    const query = table.body.view?.query;
    if (query === undefined) return {sql: relationOf(table), alias};
    const inner = {query, tokens: tokenize(query)};
    const names: Names = {...this.names(), table: (path, token) => this.#table(path, token, inner)};
    return {sql: `(${textOf(translate(query, inner.tokens, names))})`, alias};
  }

  #informationTable(dataset: string, view: string): string {
    this.world.catalog.dataset(this.context.project, dataset, this.context.location);
    if (!INFORMATION.includes(view.toUpperCase()))
      throw new BigqueryError('invalidQuery', `Invalid INFORMATION_SCHEMA view: ${view}`);
    const name = quotedName(`information_${dataset}_${view.toUpperCase()}`);
    this.#information.set(name, {dataset, view: view.toUpperCase()});
    return name;
  }

  /** The table of a path such as [project, dataset, table]; it counts as referenced. */
  resolve(path: readonly string[], at: Token, query = this.context.query): Table {
    const {defaultDataset, project, location} = this.context;
    const [
      table = '',
      dataset = defaultDataset?.datasetId,
      owner = path.length === 1 ? (defaultDataset?.projectId ?? project) : project,
    ] = path.toReversed();
    if (dataset === undefined)
      throw new BigqueryError(
        'invalidQuery',
        `Table "${table}" must be qualified with a dataset (e.g. dataset.table) at ${placeOf(query, at.start)}`,
      );
    if (path.length > 3)
      throw new BigqueryError('invalidQuery', `Invalid project ID '${path.slice(0, -2).join('.')}'`);
    const found = this.world.catalog.table(owner, dataset, table, location);
    this.references.set(`${dataset}.${table}`, found);
    return found;
  }
}

interface View {
  readonly query: string;
  readonly tokens: readonly Token[];
}

function variableOf(parameter: string): string {
  return `bq_${parameter.toLowerCase()}`;
}

/** DuckDB calls a column without a name by its expression, which is a literal or has brackets. */
function isNamed(name: string): boolean {
  return /^[\p{L}_][^'"()[\]{}]*$/u.test(name);
}
