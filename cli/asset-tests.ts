/**
 * The assets' own tests, run one after the other and told as they end: fixture rows in and expected rows out, or
 * partitions made together against partitions made alone. Publishes nothing, and prints nothing.
 */
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {counted, durationText, number} from '../planner/amount.ts';
import type {Diagnostic, SourceFile} from '../planner/diagnostic.ts';
import {makePlan} from '../planner/make-plan.ts';
import type {Asset} from '../planner/pipeline.ts';
import {assetsOf} from '../planner/select.ts';
import {didYouMean} from '../planner/suggest.ts';
import {type Project, readWholeSnapshot} from '../report/project-ledger.ts';
import type {Invocation} from './command.ts';
import {diagnosticsText} from './project.ts';
import {requestOf, selectionOf} from './request.ts';
import {withWarehouse} from './warehouse.ts';
import {Refusal, type World} from './world.ts';

/** How many partitions of a batch are made again alone. */
const SAMPLES = 3;

export interface TestResult {
  readonly asset: string;
  /** Undefined where the test is of the whole asset. */
  readonly test: string | undefined;
  /** Where the test is written, from the project's folder; of batches the query. */
  readonly file: string;
  readonly durationMs: number;
  readonly detail: string;
  /** Empty: it passed. */
  readonly differences: readonly string[];
}

export type Tell = (result: TestResult) => void;

/** As it is printed. */
export function testName({asset, test}: TestResult): string {
  return test === undefined ? asset : `${asset}: ${test}`;
}

/** Files of cases have mistakes, and none of the cases was run. */
export class WrongCases extends Refusal {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], world: World) {
    super(diagnosticsText(diagnostics, world));
    this.diagnostics = diagnostics;
  }
}

function selected({args, world}: Invocation, {pipeline}: Project): readonly Asset[] {
  const selection = selectionOf(args, pipeline, world);
  const names = selection === undefined ? new Set(pipeline.assets.keys()) : assetsOf(selection);
  return [...pipeline.assets.values()].filter(({name}) => names.has(name));
}

/** The cases of `assets/x.sql` stand in `assets/x.test.yaml`. All are read before the first is run; throws a `WrongCases`. */
export async function testFixtures(invocation: Invocation, project: Project, tell: Tell): Promise<void> {
  const [{runCase}, {readCases}, {openDuckdb}, {readSources}] = await Promise.all([
    import('../runner/asset-test.ts'),
    import('../runner/test-cases.ts'),
    import('../runner/duckdb.ts'),
    import('../runner/project.ts'),
  ]);
  const files = filesOfCases(invocation, project).map(({asset, file}) => ({asset, file, ...readCases(file)}));
  const wrong = files.flatMap(({diagnostics}) => diagnostics);
  if (wrong.length > 0) throw new WrongCases(wrong, invocation.world);
  for (const warning of neverRun(invocation, project)) invocation.world.complain(`warning: ${warning}\n`);
  const {now} = invocation.world;
  // Whatever the target is, these run in DuckDB.
  const {sources} = await readSources({...project, engine: 'duckdb'});
  for (const {asset, file, cases} of files) {
    for (const test of cases) {
      const about = {
        ...project,
        sources,
        asset,
        openWarehouse: () => openDuckdb({path: ':memory:'}),
        clock: now,
      };
      const {name, differences, durationMs} = await runCase(test, about);
      const detail = durationText(durationMs);
      tell({asset: asset.name, test: name, file: file.path, durationMs, detail, differences});
    }
  }
}

function filesOfCases(
  invocation: Invocation,
  project: Project,
): readonly {readonly asset: Asset; readonly file: SourceFile}[] {
  return selected(invocation, project).flatMap(asset => {
    if (asset.making.kind !== 'sql' && asset.making.kind !== 'export') return [];
    const file = testFileOf(asset.making.query);
    const place = path.join(project.root, file);
    return existsSync(place) ? [{asset, file: {path: file, text: readFileSync(place, 'utf8')}}] : [];
  });
}

/** Files of cases beside the queries that belong to none of them, told where nothing is selected. */
function neverRun({args}: Invocation, {pipeline, root}: Project): readonly string[] {
  if (args.length > 0) return [];
  const queries = [...pipeline.assets.values()].flatMap(({making}) =>
    making.kind === 'sql' || making.kind === 'export' ? [making.query] : [],
  );
  const known = new Set(queries.map(testFileOf));
  const folders = new Set(queries.map(query => path.posix.dirname(query)));
  return [...folders].flatMap(folder =>
    readdirSync(path.join(root, folder)).flatMap(name => {
      const file = path.posix.join(folder, name);
      if (!name.endsWith('.test.yaml') || known.has(file)) return [];
      const query = file.replace(/\.test\.yaml$/, '.sql');
      return `'${file}' is never run: no asset has the query '${query}'.${didYouMean(query, queries)}`;
    }),
  );
}

function testFileOf(query: string): string {
  return query.replace(/\.sql$/, '.test.yaml');
}

/** Partitions made together against the same made alone, on the target's own data. */
export async function testBatches(invocation: Invocation, project: Project, tell: Tell): Promise<void> {
  const {world} = invocation;
  const batches = await import('../runner/batch-test.ts');
  const request = requestOf(invocation, project.pipeline);
  const {frame} = makePlan({
    ...project,
    ledger: readWholeSnapshot(project, world.now),
    now: world.now(),
    request,
  });
  await withWarehouse(project, invocation, async warehouse => {
    for (const {name, making, batch} of selected(invocation, project)) {
      if (making.kind !== 'sql' || (batch.kind === 'keys' && batch.count === 1)) continue;
      const {range} = request;
      const about = {frame, sources: project.sources, warehouse, range, samples: SAMPLES};
      const startedAt = world.now();
      const {together, alone, differences} = await batches.testBatches(about, name);
      tell({
        asset: name,
        test: undefined,
        file: making.query,
        durationMs: world.now() - startedAt,
        detail: `${counted(together, 'partition')} together, ${number(alone)} of them alone`,
        differences: [...differences].flatMap(([key, lines]) => lines.map(line => `${key}: ${line}`)),
      });
    }
  });
}
