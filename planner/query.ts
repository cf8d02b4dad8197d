/**
 * Judges all queries and modules of a pipeline together: which are absent, which edges nothing reads.
 * It does not read the files (runner/project.ts); one query alone is judged by judge-query.ts.
 */
import {
  DIAGNOSTIC_CODES,
  type Diagnostic,
  type DiagnosticCode,
  diagnose,
  type SourceFile,
  type Span,
} from './diagnostic.ts';
import {type Engine, judgeQuery, type QueryUse, wordAt} from './judge-query.ts';
import {SOURCE_COLUMN} from './manifest-source.ts';
import type {Asset, Pipeline, ProjectPath} from './pipeline.ts';
import type {ModuleSource, SourcesWithFacts} from './sources.ts';

/** Every mistake in the queries and modules of a pipeline, each in its own file. */
export function judgeSources(
  pipeline: Pipeline,
  sources: SourcesWithFacts,
  engine?: Engine,
): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const files = new Map<string, SourceFile>();
  const judged = new Set<ProjectPath>();
  for (const asset of pipeline.assets.values()) {
    const {making} = asset;
    diagnostics.push(...judgeReconstructions({asset, pipeline, sources, engine, files}));
    if (making.kind === 'files' || making.kind === 'rows') {
      const module = sources.modules.get(making.module);
      if (module === undefined) diagnostics.push(missingFile(making.module, asset.makingAt ?? asset.at));
      else if (!judged.has(module.path)) diagnostics.push(...judgeModule(module, files));
      judged.add(making.module);
    }
    diagnostics.push(...judgeAssetQueries({asset, pipeline, sources, engine, files}));
  }
  return diagnostics;
}

interface AssetQueries {
  readonly asset: Asset;
  readonly pipeline: Pipeline;
  readonly sources: SourcesWithFacts;
  readonly engine: Engine | undefined;
  readonly files: Map<string, SourceFile>;
}

function judgeAssetQueries({asset, pipeline, sources, engine, files}: AssetQueries): readonly Diagnostic[] {
  const {making} = asset;
  const diagnostics: Diagnostic[] = [];
  const read = new Set<string>();
  let isWhole = true;
  const judge = (path: ProjectPath, use: QueryUse, at: Span) => {
    const source = sources.queries.get(path);
    if (source === undefined) {
      diagnostics.push(missingFile(path, at));
      isWhole = false;
      return;
    }
    const library = new Set(sources.functions.keys());
    diagnostics.push(
      ...judgeQuery({
        asset,
        source,
        use,
        assets: pipeline.assets,
        engine,
        library,
        file: fileOf(source, files),
      }),
    );
    if (source.facts.error !== undefined) isWhole = false;
    for (const {name} of source.facts.tables) read.add(name.toLowerCase());
  };
  if ('query' in making) judge(making.query, 'asset', asset.makingAt ?? asset.at);
  const ofSources = (asset.cascade?.sources ?? []).flatMap(({checks}) => checks);
  for (const check of [...asset.checks, ...ofSources]) {
    if (check.kind === 'sql') judge(check.query, 'check', check.at);
    if (check.kind === 'rows' && check.of !== undefined) read.add(check.of.edge);
    if (check.kind === 'sum-equals') read.add(check.edge);
  }
  // What a query that is absent or wrong reads is not known, nor what code reads.
  if (isWhole && 'query' in making)
    diagnostics.push(...judgeUnread(asset, sources.queries.get(making.query)?.path ?? making.query, read));
  return diagnostics;
}

/** The queries of an asset's sources: each sees the edges of its own source, and the asset's own. */
function judgeReconstructions({
  asset,
  pipeline,
  sources,
  engine,
  files,
}: AssetQueries): readonly Diagnostic[] {
  return (asset.cascade?.sources ?? []).flatMap(({query, edges}, rank) => {
    if (query === undefined) return [];
    const own = asset.upstream.filter(edge => edge.source === rank);
    const source = sources.queries.get(query);
    if (source === undefined) return [missingFile(query, own[0]?.at ?? asset.at)];
    const upstream = asset.upstream.filter(({name, source}) => source === undefined || edges.includes(name));
    // Where a row came from is filled in by the runner.
    const columns = asset.columns.filter(({name}) => name !== SOURCE_COLUMN);
    const seen = {...asset, upstream, columns};
    const library = new Set(sources.functions.keys());
    const file = fileOf(source, files);
    const about = {source, use: 'asset' as const, assets: pipeline.assets, engine, library, file};
    const read = new Set(source.facts.tables.map(({name}) => name.toLowerCase()));
    return [
      ...judgeQuery({asset: seen, ...about}),
      ...(source.facts.error === undefined ? judgeUnread({...asset, upstream: own}, source.path, read) : []),
    ];
  });
}

function judgeUnread(asset: Asset, query: ProjectPath, read: ReadonlySet<string>): readonly Diagnostic[] {
  return asset.upstream
    .filter(({name}) => !read.has(name) && !read.has(`${name}_window`))
    .map(({name, at}) =>
      diagnose(
        'unread-edge',
        at,
        `Nothing reads the edge '${name}': use it in '${query}' or in a check, or remove it.`,
      ),
    );
}

function judgeModule({errors}: ModuleSource, files: Map<string, SourceFile>): readonly Diagnostic[] {
  return errors.map(({path, text, offset, code, message}) => {
    const file = fileOf({path, text}, files);
    const start = Math.min(Math.max(0, offset), text.length);
    return diagnose(
      isCode(code) ? code : 'bad-module',
      {file, start, end: start + Math.max(1, wordAt(text, start).length)},
      message,
    );
  });
}

function isCode(code: string): code is DiagnosticCode {
  return DIAGNOSTIC_CODES.some(known => known === code);
}

function missingFile(path: ProjectPath, at: Span): Diagnostic {
  return diagnose('missing-file', at, `There is no file '${path}': write it, or correct the path.`);
}

function fileOf({path, text}: SourceFile, files: Map<string, SourceFile>): SourceFile {
  const known = files.get(path);
  if (known !== undefined) return known;
  const file = {path, text};
  files.set(path, file);
  return file;
}
