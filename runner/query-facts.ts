/**
 * What DuckDB's own parser says about a query: tables, functions, limits, output columns, with their places.
 * It does not deal with whether that is allowed: the planner judges. Nothing is bound or run.
 */
import type {DuckDBConnection, DuckDBInstance} from '@duckdb/node-api';
import type {QueryFacts, QueryName} from '../planner/sources.ts';
import {characterOffset, utf16Offset} from './duckdb-error.ts';

/** A node of the parser's tree, as JSON. */
type Node = Readonly<Record<string, unknown>>;

type Facts = {
  -readonly [K in keyof QueryFacts]: QueryFacts[K] extends readonly (infer T)[] ? T[] : QueryFacts[K];
};

/** Read without brackets: the parser sees them as columns. Quoted they are columns. */
const BARE_FUNCTIONS = new Set([
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
  'current_user',
  'session_user',
  'user',
  'current_role',
  'current_catalog',
  'current_schema',
]);

interface Parser {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  /** Calls that have not ended. */
  readonly calls: Set<Promise<unknown>>;
}

let opened: Promise<Parser> | undefined;

async function openParser(): Promise<Parser> {
  const {DuckDBInstance} = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {threads: '1'});
  return {instance, connection: await instance.connect(), calls: new Set()};
}

/** Ends the parser's engine when the calls that others have made of it have ended; the next call starts a new one. */
export async function closeQueryParser(): Promise<void> {
  const closing = opened;
  opened = undefined;
  if (closing === undefined) return;
  const {instance, connection, calls} = await closing;
  await Promise.allSettled(calls);
  connection.closeSync();
  instance.closeSync();
}

/** The facts of one query. Never throws for a wrong text: `error` says what is wrong with it. */
export async function readQueryFacts(text: string): Promise<QueryFacts> {
  const [facts] = await readAllQueryFacts([text]);
  if (facts === undefined) throw new Error('Internal error: the parser answered nothing.');
  return facts;
}

/** The facts of many queries in one call of the parser, in their order. */
export async function readAllQueryFacts(texts: readonly string[]): Promise<readonly QueryFacts[]> {
  if (texts.length === 0) return [];
  const {LIST, listValue, VARCHAR} = await import('@duckdb/node-api');
  opened ??= openParser();
  const {connection, calls} = await opened;
  const call = connection.runAndReadAll(
    `SELECT json_serialize_sql(text, skip_null := true, skip_empty := true, skip_default := true)
     FROM (SELECT unnest($texts) AS text, generate_subscripts($texts, 1) AS position) ORDER BY position`,
    {texts: listValue(texts)},
    {texts: LIST(VARCHAR)},
  );
  calls.add(call);
  const trees = (await call.finally(() => calls.delete(call))).getRows();
  return texts.map((text, i) => new Reader(text).read(JSON.parse(String(trees[i]?.[0]))));
}

/** Walks one tree. Lives for one query. */
class Reader {
  private readonly text: string;
  private readonly ascii: boolean;
  private readonly facts: Facts = {
    tables: [],
    functions: [],
    tableFunctions: [],
    unorderedLimits: [],
    columns: undefined,
    error: undefined,
  };

  constructor(text: string) {
    this.text = text;
    this.ascii = Buffer.byteLength(text) === text.length;
  }

  read(tree: Node): QueryFacts {
    if (tree['error'] === true)
      return this.refused(parserMessage(tree), characterOffset(this.text, Number(tree['position'] ?? 0)));
    const statements = nodes(tree['statements']);
    const [statement, second] = statements;
    if (statement === undefined) return this.refused('The query is empty; write one SELECT.', 0);
    if (second !== undefined) {
      return this.refused('The file holds more than one statement; leave one SELECT.', this.first(second));
    }
    this.walk(statement, new Set());
    this.facts.columns = outputColumns(node(statement['node']));
    return this.facts.error === undefined
      ? this.facts
      : this.refused(this.facts.error.message, this.facts.error.offset);
  }

  private refused(message: string, offset: number): QueryFacts {
    const error = {message, offset};
    return {tables: [], functions: [], tableFunctions: [], unorderedLimits: [], columns: undefined, error};
  }

  private walk(value: unknown, scope: ReadonlySet<string>): void {
    if (Array.isArray(value)) {
      for (const each of value) this.walk(each, scope);
      return;
    }
    const here = node(value);
    if (here === undefined) return;
    const inner = this.withCtes(here, scope);
    this.note(here, inner);
    for (const name in here) {
      const child = here[name];
      if (typeof child !== 'object' || name === 'cte_map') continue;
      // A table function is noted as such; what stands in its brackets is walked.
      this.walk(
        here['type'] === 'TABLE_FUNCTION' && name === 'function' ? node(child)?.['children'] : child,
        inner,
      );
    }
  }

  /** Each CTE sees those before it, a recursive one itself too; the select sees all. */
  private withCtes(here: Node, outer: ReadonlySet<string>): ReadonlySet<string> {
    const map = nodes(node(here['cte_map'])?.['map']);
    const isRecursive = here['type'] === 'RECURSIVE_CTE_NODE';
    if (map.length === 0 && !isRecursive) return outer;
    const scope = new Set(outer);
    if (isRecursive) scope.add(folded(here['cte_name']));
    for (const entry of map) {
      this.walk(entry['value'], scope);
      scope.add(folded(entry['key']));
    }
    return scope;
  }

  private note(here: Node, scope: ReadonlySet<string>): void {
    switch (here['type']) {
      case 'BASE_TABLE':
        this.noteTable(here, scope);
        return;
      case 'TABLE_FUNCTION':
        this.facts.tableFunctions.push(this.name(node(here['function']) ?? here, 'function_name'));
        return;
      case 'SHOW_REF':
        this.facts.error ??= {
          message: 'SHOW, DESCRIBE and SUMMARIZE make no rows of data; write a SELECT.',
          offset: 0,
        };
        return;
      case 'COLUMN_REF':
        this.noteBareFunction(here);
        return;
      case 'LIMIT_MODIFIER':
      case 'LIMIT_PERCENT_MODIFIER':
        return;
      default:
        this.noteOther(here);
    }
  }

  private noteOther(here: Node): void {
    if (here['class'] === 'PARAMETER') {
      // The tree does not place it.
      const offset = Math.max(0, this.text.search(/[$?]/));
      this.facts.error ??= {message: 'A query takes no parameters; join partitions instead.', offset};
    }
    const isCall = here['class'] === 'FUNCTION' || here['class'] === 'WINDOW';
    if (isCall && here['is_operator'] !== true) {
      const called = this.name(here, 'function_name');
      const name = called.name.toLowerCase();
      // What the parser puts in for other syntax (INTERVAL, list comprehensions) is written nowhere.
      if (called.end > called.start && isPlace(here['query_location'])) {
        this.facts.functions.push({...called, name: name === 'count_star' ? 'count' : name});
      }
    }
    const modifiers = nodes(here['modifiers']);
    if (modifiers.some(({type}) => type === 'ORDER_MODIFIER')) return;
    for (const modifier of modifiers) {
      if (String(modifier['type']).startsWith('LIMIT')) this.facts.unorderedLimits.push(this.limit(modifier));
    }
  }

  private noteTable(here: Node, scope: ReadonlySet<string>): void {
    const schemas = [here['catalog_name'], here['schema_name']].filter(
      part => part !== undefined && part !== '',
    );
    const qualified = schemas.length > 0;
    const place = this.name(here, 'table_name');
    if (here['sample'] !== undefined) {
      // A sample is another set of rows each time, as random() would be.
      this.facts.tableFunctions.push({...place, name: 'tablesample'});
    }
    if (!qualified && scope.has(folded(here['table_name']))) return;
    this.facts.tables.push({...place, name: [...schemas, here['table_name']].join('.'), qualified});
  }

  private noteBareFunction(here: Node): void {
    const names = here['column_names'];
    if (!Array.isArray(names) || names.length !== 1 || !BARE_FUNCTIONS.has(folded(names[0]))) return;
    const start = this.offset(here['query_location']);
    if (this.text[start] === '"') return;
    const name = folded(names[0]);
    this.facts.functions.push({name, start, end: start + name.length});
  }

  private name(here: Node, field: string): QueryName {
    const start = this.offset(here['query_location']);
    return {name: String(here[field]), start, end: start + spelled(this.text, start)};
  }

  /** The tree places the number; the word stands before it. */
  private limit(modifier: Node): QueryName {
    const place = node(modifier['limit'] ?? modifier['offset'])?.['query_location'];
    const until = isPlace(place) ? this.offset(place) : this.text.length;
    const words = [...this.text.slice(0, until).matchAll(/\b(?:limit|offset|fetch)\b/gi)];
    const found = words.at(-1);
    const name = (found?.[0] ?? 'limit').toUpperCase();
    const start = found?.index ?? 0;
    return {name, start, end: start + name.length};
  }

  private offset(bytes: unknown): number {
    if (!isPlace(bytes)) return 0;
    return this.ascii ? Math.min(bytes, this.text.length) : utf16Offset(this.text, bytes);
  }

  /** The first place in a tree. */
  private first(tree: unknown): number {
    const places: number[] = [];
    const gather = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, child] of Object.entries(value)) {
        if (name === 'query_location' && isPlace(child)) places.push(child);
        else gather(child);
      }
    };
    gather(tree);
    return places.length === 0 ? 0 : this.offset(Math.min(...places));
  }
}

/** A node without a place has the largest 64-bit number there. */
function isPlace(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.MAX_SAFE_INTEGER;
}

function parserMessage(tree: Node): string {
  if (tree['error_type'] === 'not implemented') {
    return 'The query is not a plain SELECT; write it as one (PIVOT too), without INSERT, CREATE or COPY.';
  }
  const flat = String(tree['error_message'])
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();
  return /[.!?]$/.test(flat) ? flat : `${flat}.`;
}

const IDENTIFIER = /(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}_][\p{L}\p{N}_$]*)/u.source;
const NAME = new RegExp(`${IDENTIFIER}(?:\\s*\\.\\s*${IDENTIFIER})*`, 'uy');

/** Length of the name, dots and quotes included, that stands at an offset. */
function spelled(text: string, start: number): number {
  NAME.lastIndex = start;
  return NAME.exec(text)?.[0].length ?? 0;
}

/** A set operation is named by its left side. */
function outputColumns(select: Node | undefined): readonly string[] | undefined {
  if (select === undefined) return undefined;
  if (select['type'] === 'SET_OPERATION_NODE') {
    return outputColumns(node(select['left']) ?? nodes(select['children'])[0]);
  }
  if (select['type'] !== 'SELECT_NODE') return undefined;
  const list = nodes(select['select_list']);
  if (list.length === 0 || list.some(hasStar)) return undefined;
  return list.map((item, i) => columnName(item, i));
}

/** Also inside a call: `COLUMNS(*) + 1` makes many columns. `count(*)` has no star in the tree. */
function hasStar(value: unknown): boolean {
  const here = node(value);
  if (here === undefined || here['class'] === 'SUBQUERY') return false;
  if (here['class'] === 'STAR') return true;
  return Object.values(here).some(child => (Array.isArray(child) ? child.some(hasStar) : hasStar(child)));
}

function columnName(item: Node, index: number): string {
  if (typeof item['alias'] === 'string' && item['alias'] !== '') return item['alias'];
  const names = item['column_names'];
  if (Array.isArray(names)) return String(names.at(-1));
  return typeof item['function_name'] === 'string' ? `${item['function_name']}()` : `expression ${index + 1}`;
}

function node(value: unknown): Node | undefined {
  // JSON objects have string keys.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : undefined;
}

function nodes(value: unknown): readonly Node[] {
  if (!Array.isArray(value)) return [];
  return value.map(node).filter(each => each !== undefined);
}

function folded(name: unknown): string {
  return String(name).toLowerCase();
}
