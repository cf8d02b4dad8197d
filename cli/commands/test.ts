/**
 * `gameplan test`: the assets' own tests, fixture rows in and expected rows out; with `--batches`, whether partitions
 * made together come out as they do alone, on the target's data. Publishes nothing.
 */
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {counted, durationText, number} from '../../planner/amount.ts';
import type {SourceFile} from '../../planner/diagnostic.ts';
import {makePlan} from '../../planner/make-plan.ts';
import type {Asset} from '../../planner/pipeline.ts';
import {assetsOf} from '../../planner/select.ts';
import {didYouMean} from '../../planner/suggest.ts';
import {jsonText} from '../../report/frame-view.ts';
import {type Project, readWholeSnapshot} from '../../report/project-ledger.ts';
import {visible} from '../../report/text.ts';
import {type Command, EVERY_ASSET, type Invocation} from '../command.ts';
import {jsonFlag, projectFlags, rangeFlags, waitFlag} from '../flags.ts';
import {diagnosticsText, openProject} from '../project.ts';
import {requestOf, selectionOf} from '../request.ts';
import {screenOf} from '../view.ts';
import {withWarehouse} from '../warehouse.ts';
import {EXIT, Refusal} from '../world.ts';

/** How many partitions of a batch are made again alone. */
const SAMPLES = 3;
interface TestResult {
  readonly name: string;
  readonly detail: string;
  /** Empty: it passed. */
  readonly differences: readonly string[];
}

export const testCommand: Command = {
  name: 'test',
  summary: "the assets' own tests: fixture rows in, expected rows out",
  arguments: [EVERY_ASSET],
  flags: [
    ...projectFlags,
    waitFlag,
    ...rangeFlags,
    {
      flags: '--batches',
      description: 'compare partitions made together with partitions made alone, on the data at hand',
    },
    jsonFlag,
  ],
  examples: [
    'gameplan test',
    'gameplan test analytics.player_game_summary',
    'gameplan test --batches --target recorded',
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const results: TestResult[] = [];
    const {paint} = screenOf(world);
    const tell = (result: TestResult) => {
      results.push(result);
      if (options.json === true) return;
      const passed = result.differences.length === 0;
      world.write(
        `${passed ? paint.good('passed') : paint.bad('failed')} ${result.name} ${paint.quiet(`(${result.detail})`)}\n`,
      );
      for (const line of result.differences) world.write(`      ${visible(line)}\n`);
    };
    await (options.batches === true
      ? testBatches(invocation, project, tell)
      : testFixtures(invocation, project, tell));
    const failed = results.filter(({differences}) => differences.length > 0).length;
    if (options.json === true)
      world.write(jsonText({version: 1, passed: results.length - failed, failed, tests: results}));
    else if (results.length === 0)
      world.write(`No test: write ${NO_TESTS[options.batches === true ? 'batches' : 'fixtures']}\n`);
    else world.write(`\n${number(results.length - failed)} passed, ${number(failed)} failed\n`);
    return failed === 0 ? EXIT.done : EXIT.wrong;
  },
};

const NO_TESTS = {
  fixtures: "the cases of 'assets/x.sql' into 'assets/x.test.yaml'.",
  batches:
    "'batch:' for an asset, and materialize it: only what is made together and published can be compared.",
} as const;

function selected({args, world}: Invocation, {pipeline}: Project): readonly Asset[] {
  const selection = selectionOf(args, pipeline, world);
  const names = selection === undefined ? new Set(pipeline.assets.keys()) : assetsOf(selection);
  return [...pipeline.assets.values()].filter(({name}) => names.has(name));
}

/** The cases of `assets/x.sql` stand in `assets/x.test.yaml`. All are read before the first is run. */
async function testFixtures(
  invocation: Invocation,
  project: Project,
  tell: (result: TestResult) => void,
): Promise<void> {
  const [{runCase}, {readCases}, {openDuckdb}, {readSources}] = await Promise.all([
    import('../../runner/asset-test.ts'),
    import('../../runner/test-cases.ts'),
    import('../../runner/duckdb.ts'),
    import('../../runner/project.ts'),
  ]);
  const files = filesOfCases(invocation, project).map(({asset, file}) => ({asset, ...readCases(file)}));
  const wrong = files.flatMap(({diagnostics}) => diagnostics);
  if (wrong.length > 0) throw new Refusal(diagnosticsText(wrong, invocation.world));
  for (const warning of neverRun(invocation, project)) invocation.world.complain(`warning: ${warning}\n`);
  const {now} = invocation.world;
  // Whatever the target is, these run in DuckDB.
  const {sources} = await readSources({...project, engine: 'duckdb'});
  for (const {asset, cases} of files) {
    for (const test of cases) {
      const about = {
        ...project,
        sources,
        asset,
        openWarehouse: () => openDuckdb({path: ':memory:'}),
        clock: now,
      };
      const {name, differences, durationMs} = await runCase(test, about);
      tell({name: `${asset.name}: ${name}`, detail: durationText(durationMs), differences});
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

async function testBatches(
  invocation: Invocation,
  project: Project,
  tell: (result: TestResult) => void,
): Promise<void> {
  const {world} = invocation;
  const batches = await import('../../runner/batch-test.ts');
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
      const {together, alone, differences} = await batches.testBatches(about, name);
      tell({
        name,
        detail: `${counted(together, 'partition')} together, ${number(alone)} of them alone`,
        differences: [...differences].flatMap(([key, lines]) => lines.map(line => `${key}: ${line}`)),
      });
    }
  });
}
