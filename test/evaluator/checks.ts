/**
 * The statements that judge and compare rows, on both engines: what they give in DuckDB, and what their BigQuery form
 * gives in the reference evaluator. Versions differ by design, and examples are other text.
 */
import type {Asset, Pipeline, ProjectPath} from '../../planner/pipeline.ts';
import type {Sources} from '../../planner/sources.ts';
import {fillInputs, requestOf} from '../../runner/asset-test.ts';
import type {BigqueryParameters} from '../../runner/bigquery-parameters.ts';
import {judgedOf} from '../../runner/bigquery-staging.ts';
import type {Bill, Statements} from '../../runner/bigquery-statements.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
import {audit} from '../../runner/sql-audit.ts';
import {compareRows} from '../../runner/sql-compare.ts';
import type {Judged} from '../../runner/sql-dialect.ts';
import {findUnchanged} from '../../runner/sql-unchanged.ts';
import type {Case} from '../../runner/test-cases.ts';
import type {AuditResult, RowComparison, StageQuery, Value, Warehouse} from '../../runner/warehouse.ts';
import {queryOf, tableOf} from '../../runner/workshop.ts';
import type {Evaluator, EvaluatorTable} from './evaluator.ts';
import {ofCheck} from './queries.ts';
import {randomCase} from './random-case.ts';
import {PLACE, type Trial, tablesOf, withPlainNames} from './trial.ts';

interface ChecksOf {
  readonly asset: Asset;
  readonly pipeline: Pipeline;
  readonly sources: Sources;
  readonly evaluator: Evaluator;
}

type Row = Case['inputs'][string][number];

const QUERY = 'judged.sql' as ProjectPath; // never read: only what it may read is asked for

/** Audits random rows of an asset by all its checks, and compares them with others that are published. */
export async function tryChecks(about: ChecksOf, seed: number): Promise<Trial> {
  const {asset, pipeline, sources, evaluator} = about;
  const judging = ofCheck(asset, QUERY);
  const test = randomCase(judging, pipeline, seed);
  const {new_rows: rows = [], ...inputs} = test.inputs;
  const warehouse = await openDuckdb({path: ':memory:'});
  try {
    await fillInputs(warehouse, {...test, inputs}, about);
    const queries = new Map(sources.queries).set(QUERY, {path: QUERY, text: 'SELECT 1'});
    const whole = requestOf(test, {asset: judging, pipeline, sources: {...sources, queries}});
    const own = {table: tableOf(asset), inputs: whole.inputs.filter(({edge}) => edge !== 'new_rows')};
    const request: StageQuery = {...whole, ...own};
    const older = rows.map((row, i) => edited(row, i, asset));
    const keys = request.partitions.map(({key}) => key);
    const published = await stage(warehouse, request, older);
    await warehouse.publish({staged: published, keys, receipts: []});
    const staged = await stage(warehouse, request, rows);
    const tables = [
      tableFrom('fresh', asset, rows),
      tableFrom('published', asset, older),
      ...(await tablesOf(warehouse, request)).filter(({name}) => name !== 'published'),
    ];
    const judged = judgedBy(evaluator, request, tables);
    const asked = auditOf(asset, sources, test);
    const from = {from: 'published', columns: new Set(asset.columns.map(({name}) => name))};
    const differences = [
      ...unlikeAudits(await audit(judged, {staged, ...asked}), await warehouse.audit({staged, ...asked})),
      ...unlikeLists(
        await findUnchanged(judged, 'published', keys),
        await warehouse.findUnchanged(staged, keys),
      ),
    ];
    for (const key of keys.slice(0, 3)) {
      const theirs = await compareRows({judged, key, published: from, limit: 2});
      const ours = await warehouse.compare({staged, key, isPublished: true, limit: 2});
      differences.push(...unlikeText(`compare ${key}`, counts(theirs), counts(ours)));
    }
    return {rows: rows.length, differences};
  } catch (error) {
    return {rows: 0, differences: [error instanceof Error ? error.message : String(error)]};
  } finally {
    await warehouse.close();
  }
}

async function stage(warehouse: Warehouse, request: StageQuery, rows: readonly Row[]) {
  return await warehouse.stageRows({...request, rows: [rows]}, new AbortController().signal);
}

/** What is published: some rows are others, and doubles end in other digits. */
function edited(row: Row, i: number, {columns, key}: Asset): Row {
  const free = columns.filter(({name, type}) => type === 'float64' && !key.includes(name));
  const nudged = free.map(({name}) => {
    const value = row[name];
    return [
      name,
      typeof value === 'number' ? value * (1 + (i % 7 === 0 ? 1e-3 : 1e-13)) : (value ?? null),
    ] as const;
  });
  return {...row, ...Object.fromEntries(nudged)};
}

function tableFrom(name: string, {columns}: Asset, rows: readonly Row[]): EvaluatorTable {
  return {name, columns, rows: rows.map(row => columns.map(column => row[column.name] ?? null))};
}

function auditOf(asset: Asset, sources: Sources, {calendar}: Case) {
  return {
    checks: asset.checks.map(check =>
      check.kind === 'sql' ? {...check, text: queryOf(sources, check.query).query} : check,
    ),
    covers: asset.covers,
    expected: calendar.map(({date, games}) => {
      const asOf = Date.parse(`${date}T12:00:00Z`);
      return {key: date, games: games.map(({id}) => id), accepted: [], asOf};
    }),
  };
}

/** The adapter's own form of the statements, asked of the evaluator. */
function judgedBy(evaluator: Evaluator, request: StageQuery, tables: readonly EvaluatorTable[]): Judged {
  const rows = async ({sql, parameters = {}}: {sql: string; parameters?: BigqueryParameters}) =>
    (await evaluator.run(withPlainNames(sql), tables, parameters)).rows;
  const statements = {rows} as unknown as Statements; // all that judging asks of it
  const bill = {} as unknown as Bill; // nothing is billed
  const staging = {
    ...request,
    place: PLACE,
    shapes: new Map(),
    held: undefined,
    rows: 'fresh',
    parameters: {},
    bill,
  };
  return judgedOf(statements, staging);
}

/** All but versions, which are other hashes, and the text of examples. */
function unlikeAudits(theirs: AuditResult, ours: AuditResult): readonly string[] {
  const told = ({partitions, foreign}: AuditResult) => [
    ...partitions.map(({key, rows, violations, covered}) => {
      const found = violations.map(({check, message, count, examples}) => [
        check,
        message,
        count,
        examples.length,
      ]);
      return [key, rows, found, covered];
    }),
    foreign,
  ];
  return unlikeLists(told(theirs).map(text), told(ours).map(text));
}

function counts({added, removed, changed, same, columns}: RowComparison): string {
  return text([added, removed, changed, same, columns]);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, each: Value | object) => (typeof each === 'bigint' ? String(each) : each));
}

function unlikeLists(theirs: readonly string[], ours: readonly string[]): readonly string[] {
  return Array.from({length: Math.max(theirs.length, ours.length)}).flatMap((_, i) =>
    unlikeText('', theirs[i] ?? '', ours[i] ?? ''),
  );
}

function unlikeText(about: string, theirs: string, ours: string): readonly string[] {
  return theirs === ours ? [] : [`${about} GoogleSQL ${theirs}, DuckDB ${ours}`];
}
