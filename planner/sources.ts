/**
 * The project's own files as the planner needs them: facts about queries and digests of modules.
 * Reading, parsing and caching them is the runner's (runner/project.ts).
 */
import type {ProjectPath, WarehouseTarget} from './pipeline.ts';

/** A name at an offset of the query's text. */
export interface QueryName {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** What DuckDB's own parser says about a query, or tokens about one in GoogleSQL. Cached by text. */
export interface QueryFacts {
  /** Tables that are not the query's own CTEs, as written: `games`, or `raw.games` where qualified. */
  readonly tables: readonly (QueryName & {readonly qualified: boolean})[];
  /** Names called as functions, lower case. */
  readonly functions: readonly QueryName[];
  readonly tableFunctions: readonly QueryName[];
  /** LIMIT, OFFSET or FETCH whose select has no ORDER BY at all. */
  readonly unorderedLimits: readonly QueryName[];
  /** Output columns where they can be told without binding; undefined where a star hides them. */
  readonly columns: readonly string[] | undefined;
  /** Set when the text does not parse as one SELECT; then the rest is empty. */
  readonly error: {readonly message: string; readonly offset: number} | undefined;
}

export interface QueryText {
  /** Of an override its own: `assets/games.bigquery.sql`. */
  readonly path: ProjectPath;
  readonly text: string;
  /** The one engine that an override is for; undefined: every engine that there is. */
  readonly engine?: WarehouseTarget['engine'];
}

/** A query with what must be known to judge it. */
export interface QuerySource extends QueryText {
  readonly facts: QueryFacts;
}

/** A TypeScript asset with all of the project's own files that it imports. Hashes are over canonical text, hex. */
export interface ModuleSource {
  readonly path: ProjectPath;
  readonly text: string;
  readonly hash: string;
  /** Mistakes found while reading: a missing import, a syntax error, a missing export. */
  readonly errors: readonly {
    readonly path: string;
    readonly text: string;
    readonly offset: number;
    readonly code: string;
    readonly message: string;
  }[];
}

/** What has no entry does not exist. */
export interface Sources {
  /** By the path that the manifest names. */
  readonly queries: ReadonlyMap<ProjectPath, QueryText>;
  readonly modules: ReadonlyMap<ProjectPath, ModuleSource>;
  /** The function library: name in lower case to its definition's text. */
  readonly functions: ReadonlyMap<string, string>;
}

/** Sources that can be judged. */
export interface SourcesWithFacts extends Sources {
  readonly queries: ReadonlyMap<ProjectPath, QuerySource>;
}
