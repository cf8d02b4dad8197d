/**
 * What Google's reference evaluator and DuckDB say about all shipped queries and the function library, as a table.
 * It does not print it (scripts/evaluator.ts) nor mend anything.
 */
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {openDuckdb} from '../../runner/duckdb.ts';
import {readSources} from '../../runner/project.ts';
import {readCases} from '../../runner/test-cases.ts';
import {isTable} from '../../runner/workshop.ts';
import {tryChecks} from './checks.ts';
import {AGGREGATES, COMMON_ROWS, SCALARS, WINDOWED} from './common-cases.ts';
import type {Evaluator} from './evaluator.ts';
import {functionCases} from './function-cases.ts';
import {queriesOf, shippedPipeline, type Tried} from './queries.ts';
import {randomCase} from './random-case.ts';
import {tryCase, unlike} from './trial.ts';

export interface Line {
  readonly what: string;
  readonly cases: number;
  readonly rows: number;
  /** Each with the case that shows it. Empty: both engines agree. */
  readonly differences: readonly string[];
}

/** A line for every query, and one for every function. */
export async function* compareEngines(
  root: string,
  evaluator: Evaluator,
  seeds: number,
): AsyncGenerator<Line> {
  const pipeline = shippedPipeline(root);
  const {sources} = await readSources({root, pipeline});
  for (const tried of queriesOf(pipeline)) {
    const about = {asset: tried.asset, pipeline, sources, evaluator};
    const differences: string[] = [];
    const cases = [
      ...casesBeside(root, tried),
      ...Array.from({length: seeds}, (_, i) => randomCase(tried.asset, pipeline, i + 1)),
    ];
    let rows = 0;
    for (const test of cases) {
      const trial = await tryCase(test, about);
      rows += trial.rows;
      differences.push(...trial.differences.map(line => `${test.name}: ${line}`));
    }
    yield {what: tried.path, cases: cases.length, rows, differences};
  }
  for (const asset of pipeline.assets.values()) {
    if (!isTable(asset) || asset.checks.length === 0) continue;
    const trials = [];
    for (let seed = 1; seed <= seeds; seed++) {
      trials.push(await tryChecks({asset, pipeline, sources, evaluator}, seed));
    }
    yield {
      what: `checks of ${asset.name}`,
      cases: seeds,
      rows: trials.reduce((sum, {rows}) => sum + rows, 0),
      differences: trials.flatMap(({differences}) => differences),
    };
  }
  yield* compareFunctions(evaluator);
  yield* compareCommon(evaluator);
}

/** The fixtures that its author wrote. A check has none. */
function casesBeside(root: string, {path: query}: Tried) {
  const file = query.replace(/\.sql$/, '.test.yaml');
  const place = path.join(root, file);
  return existsSync(place) ? readCases({path: file, text: readFileSync(place, 'utf8')}).cases : [];
}

async function* compareFunctions(evaluator: Evaluator): AsyncGenerator<Line> {
  const warehouse = await openDuckdb({path: ':memory:'});
  try {
    for (const [name, calls] of Map.groupBy(functionCases, ({call}) => call.slice(0, call.indexOf('(')))) {
      const sql = `SELECT ${calls.map(({call}, i) => `${call} AS c${i}`).join(', ')}`;
      const [theirs, ours] = await Promise.all([evaluator.run(sql, []), warehouse.read(sql)]);
      const differences = calls.flatMap(({call, gives}, i) => {
        const [google, duckdb] = [String(theirs.rows[0]?.[i]), String(ours.rows[0]?.[i])];
        return google === gives && duckdb === gives
          ? []
          : [`${call} is ${google} in GoogleSQL, ${duckdb} in DuckDB, and should be ${gives}`];
      });
      yield {what: `${name}()`, cases: calls.length, rows: calls.length, differences};
    }
  } finally {
    await warehouse.close();
  }
}

/** What the lint lets pass. Each call is a query of its own, so that one that an engine refuses is named. */
async function* compareCommon(evaluator: Evaluator): AsyncGenerator<Line> {
  const warehouse = await openDuckdb({path: ':memory:'});
  const windows = `WINDOW w AS (ORDER BY k ASC NULLS LAST), v AS (ORDER BY n ASC NULLS LAST)`;
  const kinds = [
    {what: 'common functions', calls: SCALARS, after: ''},
    {what: 'common aggregates', calls: AGGREGATES, after: ''},
    {what: 'common window functions', calls: WINDOWED, after: windows},
  ];
  try {
    for (const {what, calls, after} of kinds) {
      const differences: string[] = [];
      let rows = 0;
      for (const call of calls) {
        const key = calls === AGGREGATES ? '1' : 'k';
        const sql = `SELECT ${key} AS k, ${call} AS given FROM ${COMMON_ROWS} ${after}`;
        try {
          const [theirs, ours] = [await evaluator.run(sql, []), await warehouse.read(sql)];
          rows += ours.rows.length;
          differences.push(...unlike(theirs, ours, ['k']).map(line => `${call}: ${line}`));
        } catch (error) {
          differences.push(`${call}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      yield {what, cases: calls.length, rows, differences};
    }
  } finally {
    await warehouse.close();
  }
}
