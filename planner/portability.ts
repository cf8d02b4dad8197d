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
  return [...pipeline.assets.values()].flatMap(asset =>
    queriesOf(asset).flatMap(path => {
      const source = sources.queries.get(path);
      if (source === undefined || source.engine !== undefined || judged.has(path)) return [];
      judged.add(path);
      const file: SourceFile = {path: source.path, text: source.text};
      return notPortable(source.text, aboutOf(asset, pipeline, sources)).map(
        ({severity, says, start, end}) => ({
          ...diagnose('not-portable', {file, start, end}, `${named(source.text.slice(start, end))} ${says}.`),
          severity,
        }),
      );
    }),
  );
}

function named(text: string): string {
  return /['"]/.test(text) ? text : `'${text}'`;
}

function queriesOf({making, checks, cascade}: Asset): readonly ProjectPath[] {
  const sources = cascade?.sources ?? [];
  return [
    ...('query' in making ? [making.query] : []),
    ...sources.flatMap(({query}) => query ?? []),
    ...[...checks, ...sources.flatMap(source => source.checks)].flatMap(check =>
      check.kind === 'sql' ? [check.query] : [],
    ),
  ];
}

function aboutOf(asset: Asset, pipeline: Pipeline, {functions}: Queries): About {
  const read = [asset, ...asset.upstream.flatMap(({upstream}) => pipeline.assets.get(upstream) ?? [])];
  const doubles = read.flatMap(({columns}) =>
    columns.flatMap(({name, type}) => (type === 'float64' ? [name] : [])),
  );
  return {
    library: new Set(functions.keys()),
    doubles: new Set(doubles),
    relations: new Set(asset.upstream.flatMap(({name}) => [name, `${name}_window`])),
    isOrdered: asset.making.kind === 'export',
  };
}
