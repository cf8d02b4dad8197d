/**
 * Which queries of a pipeline would not run, or not mean the same, on BigQuery: those that have no text of their own for
 * it. It does not know the rules (portable-rules.ts), and a rule sees no types but the declared ones.
 */
import {type Diagnostic, diagnose, type SourceFile} from './diagnostic.ts';
import type {Asset, Pipeline, ProjectPath} from './pipeline.ts';
import type {About} from './portable-rule.ts';
import {notPortable} from './portable-rules.ts';
import type {Sources} from './sources.ts';

type Queries = Pick<Sources, 'queries' | 'functions'>;

/** `sources` are those of a BigQuery target: what has an override is not judged. Each file is judged once. */
export function judgePortability(pipeline: Pipeline, sources: Queries): readonly Diagnostic[] {
  const judged = new Set<ProjectPath>();
  return [...pipeline.assets.values()].flatMap(asset => {
    const upstream = asset.upstream.flatMap(({upstream: name}) => pipeline.assets.get(name) ?? []);
    return queriesOf(asset).flatMap(({path, isCheck}) => {
      const source = sources.queries.get(path);
      if (source === undefined || source.engine !== undefined || judged.has(path)) return [];
      judged.add(path);
      const file: SourceFile = {path: source.path, text: source.text};
      return notPortable(source.text, aboutOf(isCheck ? [asset, ...upstream] : upstream, asset, sources)).map(
        ({severity, says, start, end}) => ({
          ...diagnose('not-portable', {file, start, end}, `${named(source.text.slice(start, end))} ${says}.`),
          severity,
        }),
      );
    });
  });
}

function named(text: string): string {
  return /['"]/.test(text) ? text : `'${text}'`;
}

function queriesOf({making, checks, cascade}: Asset): readonly {path: ProjectPath; isCheck: boolean}[] {
  const sources = cascade?.sources ?? [];
  const made = ['query' in making ? making.query : undefined, ...sources.map(({query}) => query)];
  const judging = [...checks, ...sources.flatMap(source => source.checks)];
  return [
    ...made.flatMap(path => (path === undefined ? [] : [{path, isCheck: false}])),
    ...judging.flatMap(check => (check.kind === 'sql' ? [{path: check.query, isCheck: true}] : [])),
  ];
}

/** Of `partitions` and of windows. */
const OWN_COLUMNS = ['game_date', 'season', 'key', 'upstream_key', 'team', 'game_id', 'quality_score'];

/** `read` are the assets whose rows the query sees. */
function aboutOf(read: readonly Asset[], asset: Asset, {functions}: Queries): About {
  const doubles = read.flatMap(({columns}) =>
    columns.flatMap(({name, type}) => (type === 'float64' ? [name] : [])),
  );
  return {
    library: new Set(functions.keys()),
    doubles: new Set(doubles),
    columns: new Set([...OWN_COLUMNS, ...read.flatMap(({columns}) => columns.map(({name}) => name))]),
    relations: new Set(asset.upstream.flatMap(({name}) => [name, `${name}_window`])),
    isOrdered: asset.making.kind === 'export',
  };
}
