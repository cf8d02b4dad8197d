/**
 * Judges one query by the facts that were read from it: names, functions, columns.
 * It does not parse SQL (runner) nor look at more than one query (query.ts).
 */
import {type Diagnostic, diagnose, type SourceFile, type Span} from './diagnostic.ts';
import type {Asset, AssetName} from './pipeline.ts';
import type {QueryName, QuerySource} from './sources.ts';
import {didYouMean} from './suggest.ts';
import {hasWindowRelation} from './window-text.ts';

/** What the warehouse offers, where it is known. */
export interface Engine {
  /** Names of its functions, lower case; undefined: unknown functions are left to the warehouse. */
  readonly functions: ReadonlySet<string>;
}

/** What a query is for. */
export type QueryUse = 'asset' | 'check';

interface QueryInput {
  readonly asset: Asset;
  readonly source: QuerySource;
  /** A check reads `new_rows` in place of `partitions`. */
  readonly use: QueryUse;
  readonly assets: ReadonlyMap<AssetName, Asset>;
  readonly engine: Engine | undefined;
  /** Names of the function library, lower case. */
  readonly library: ReadonlySet<string>;
  /** The source as diagnostics name it. */
  readonly file: SourceFile;
}

/** The mistakes of one query, in its own file. */
export function judgeQuery(input: QueryInput): readonly Diagnostic[] {
  const {source, use, asset, file} = input;
  const {facts} = source;
  if (facts.error !== undefined) {
    const start = Math.min(Math.max(0, facts.error.offset), Math.max(0, source.text.length - 1));
    const at = {file, start, end: start + Math.max(1, wordAt(source.text, start).length)};
    return [
      diagnose(
        'query-syntax',
        at,
        `'${source.path}' is not one SELECT that can be read: ${sentence(facts.error.message)}`,
      ),
    ];
  }
  const place = ({start, end}: QueryName): Span => ({file, start, end});
  const relations = relationsOf(asset, use);
  return [
    ...facts.tables.flatMap(table => judgeTable(input, relations, table, place(table))),
    ...facts.tableFunctions.flatMap(name => judgeTableFunction(name, place(name))),
    ...facts.functions.flatMap(name => judgeFunction(input, name, place(name))),
    ...facts.unorderedLimits.map(limit =>
      diagnose(
        'unordered-limit',
        place(limit),
        `Which rows '${limit.name.toUpperCase()}' keeps is left to chance without ORDER BY: order by columns that tell rows apart.`,
      ),
    ),
    ...(use === 'asset'
      ? judgeColumns(asset, facts.columns, file)
      : judgeCheckColumns(asset, facts.columns, file)),
  ];
}

/** Every name that a query of the asset may read. */
function relationsOf(asset: Asset, use: QueryUse): ReadonlySet<string> {
  return new Set([
    use === 'asset' ? 'partitions' : 'new_rows',
    ...asset.upstream.flatMap(({name, window}) =>
      hasWindowRelation(window) ? [name, `${name}_window`] : [name],
    ),
  ]);
}

function judgeTable(
  {asset, assets}: QueryInput,
  known: ReadonlySet<string>,
  {name, qualified}: QueryName & {readonly qualified: boolean},
  at: Span,
): readonly Diagnostic[] {
  if (qualified) {
    const read = asset.upstream.find(({upstream}) => upstream === name.toLowerCase());
    // Any name may be asked for.
    const isAsset = assets.has(name.toLowerCase() as AssetName);
    const mend =
      read === undefined
        ? isAsset
          ? 'declare it as an edge and read it by the name of that edge'
          : 'read the edges of this asset by their names'
        : `read it as '${read.name}'`;
    return [
      diagnose('qualified-name', at, `'${name}' names a table of the warehouse, past its window: ${mend}.`),
    ];
  }
  if (known.has(name.toLowerCase())) return [];
  const edge = asset.upstream.find(edge => `${edge.name}_window` === name.toLowerCase());
  if (edge !== undefined) {
    return [
      diagnose(
        'unknown-relation',
        at,
        `Edge '${edge.name}' has no window of its own, so there is no '${name}': read '${edge.name}' alone.`,
      ),
    ];
  }
  return [
    diagnose(
      'unknown-relation',
      at,
      `'${name}' is no edge of '${asset.name}': declare it under 'upstream'.${didYouMean(name, known)}`,
    ),
  ];
}

const TABLE_FUNCTIONS = new Set(['unnest', 'generate_series', 'range']);

function judgeTableFunction({name}: QueryName, at: Span): readonly Diagnostic[] {
  if (TABLE_FUNCTIONS.has(name.toLowerCase())) return [];
  return [
    diagnose(
      'table-function',
      at,
      `'${name}' reads something that no edge declares: read edges by their names (of table functions only ${[...TABLE_FUNCTIONS].join(', ')} are known to be safe).`,
    ),
  ];
}

const CLOCKS = new Set([
  ...['current_date', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp', 'now', 'today'],
  ...[
    'get_current_time',
    'get_current_timestamp',
    'transaction_timestamp',
    'current_localtime',
    'current_localtimestamp',
    'current_datetime',
  ],
]);
const CHANCE = new Set([
  ...[
    'random',
    'setseed',
    'uuid',
    'uuidv4',
    'uuidv7',
    'gen_random_uuid',
    'generate_uuid',
    'rand',
    'session_user',
  ],
  ...[
    'nextval',
    'currval',
    'current_user',
    'user',
    'getenv',
    'current_setting',
    'current_schema',
    'current_database',
  ],
  ...[
    'current_query',
    'txid_current',
    'version',
    'pg_backend_pid',
    'getvariable',
    'current_schemas',
    'current_catalog',
  ],
]);

function judgeFunction(
  {engine, library, source}: QueryInput,
  {name}: QueryName,
  at: Span,
): readonly Diagnostic[] {
  const lower = name.toLowerCase();
  if (CLOCKS.has(lower)) {
    return [
      diagnose(
        'nondeterministic',
        at,
        `'${name}' asks the clock, so the same inputs would give other rows tomorrow: read the date from 'partitions'.`,
      ),
    ];
  }
  if (CHANCE.has(lower)) {
    return [
      diagnose(
        'nondeterministic',
        at,
        `'${name}' answers differently each time or elsewhere, so rows could not be made again: use only the inputs.`,
      ),
    ];
  }
  if (
    engine === undefined ||
    source.engine !== undefined ||
    engine.functions.has(lower) ||
    library.has(lower)
  )
    return [];
  return [
    diagnose(
      'unknown-function',
      at,
      `There is no function '${name}'.${didYouMean(name, [...library, ...engine.functions])}`,
    ),
  ];
}

/** What a query returns against what its asset declares. */
export function judgeColumns(
  asset: Asset,
  columns: readonly string[] | undefined,
  file: SourceFile,
): readonly Diagnostic[] {
  // Exports have no columns of their own; a star hides them.
  if (columns === undefined || asset.columns.length === 0) return [];
  const declared = asset.columns.map(({name}) => name);
  const made = columns.map(column => column.toLowerCase());
  const isDeclared = new Set(declared);
  const counts = new Map<string, number>();
  for (const column of made) counts.set(column, (counts.get(column) ?? 0) + 1);
  const extra = [...counts.keys()].filter(column => !isDeclared.has(column));
  const absent = declared.filter(column => !counts.has(column));
  const twice = [...counts.keys()].filter(column => (counts.get(column) ?? 0) > 1 && isDeclared.has(column));
  const at = firstWord(file);
  const report = (message: string) => diagnose('column-mismatch', at, message);
  return [
    ...absent.map(column =>
      report(
        `The query gives no column '${column}', which '${asset.name}' declares: add it, or remove it from 'columns'.${didYouMean(column, extra)}`,
      ),
    ),
    ...extra.map(column =>
      report(
        `The query gives a column '${column}', which '${asset.name}' does not declare: declare its type under 'columns', or leave it out.`,
      ),
    ),
    ...twice.map(column => report(`The query gives column '${column}' more than once: name each once.`)),
  ];
}

function judgeCheckColumns(
  {partitioning}: Asset,
  columns: readonly string[] | undefined,
  file: SourceFile,
): readonly Diagnostic[] {
  if (columns === undefined || partitioning.kind === 'all') return [];
  if (columns.some(column => column.toLowerCase() === partitioning.column)) return [];
  return [
    diagnose(
      'column-mismatch',
      firstWord(file),
      `The check gives no column '${partitioning.column}', so its wrong rows belong to no partition: select it too.`,
    ),
  ];
}

/** The first word that is no comment: where a query as a whole begins. */
export function firstWord(file: SourceFile): Span {
  const start = /^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/.exec(file.text)?.[0].length ?? 0;
  return {file, start, end: start + Math.max(1, wordAt(file.text, start).length)};
}

/** The word that begins at `offset`; empty where none does. */
export function wordAt(text: string, offset: number): string {
  return /^[\w.]+/.exec(text.slice(offset, offset + 200))?.[0] ?? '';
}

function sentence(message: string): string {
  const line = message.split('\n')[0]?.trim() ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
