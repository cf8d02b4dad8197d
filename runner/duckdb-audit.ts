/**
 * Judges staged rows: one scan grouped by partition for counts, versions and simple checks, then what needs a scan of its own.
 * It does not deal with what a violation leads to; the runner quarantines or warns.
 */
import type {Check} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import {bindKeys, keyParameter} from './duckdb-key.ts';
import {literal, partitionColumn, quoted, tableName, temporary} from './duckdb-name.ts';
import {bindInputs, bindWindows, type Staging, scopeOf} from './duckdb-staging.ts';
import {NEW_ROWS, wrap} from './duckdb-wrap.ts';
import {
  type Audit,
  type AuditRequest,
  type AuditResult,
  type Violation,
  WarehouseError,
} from './warehouse.ts';

type RequestedCheck = AuditRequest['checks'][number];

/** A condition that holds for wrong rows, counted in the one scan. */
interface RowTest {
  readonly check: string;
  readonly severity: 'error' | 'warn';
  readonly wrong: string;
  readonly complaint: string;
}

/** What the scan found in one partition. */
interface Tally {
  rows: number;
  version: bigint;
  readonly wrong: number[];
  /** Rows by game, where coverage is asked for. */
  readonly games: Map<string, number>;
}

type Violations = Map<string, Violation[]>;
const EXAMPLES = 3;
const ROWS = temporary(NEW_ROWS);
/** Rows whose partition column is null; no key is spelled so. */
const NO_KEY = 'null';

/** Counts, versions, violations, coverage and foreign rows of a staging. */
export async function audit(staging: Staging, request: AuditRequest): Promise<AuditResult> {
  const tests = [keyTest(staging), ...request.checks.flatMap(rowTests)];
  const tallies = await scan(staging, tests, request.covers?.column);
  const asked = new Set(staging.partitions.map(({key}) => key));
  const violations: Violations = new Map([...asked].map(key => [key, []]));
  await judgeRowTests(staging, tests, tallies, violations);
  await judgeUniqueness(staging, violations);
  for (const check of request.checks) {
    if (check.kind === 'rows') await judgeRowCounts(staging, check, tallies, violations);
    if (check.kind === 'sql') await judgeCustom(staging, check, asked, violations);
  }
  const expected = new Map(request.expected.map(({key, games}) => [key, games]));
  const partitions = [...asked].map((key): Audit => {
    const tally = tallies.get(key);
    return {
      key,
      rows: tally?.rows ?? 0,
      version: hex(tally?.version ?? 0n),
      violations: violations.get(key) ?? [],
      covered: covered(request, tally, expected.get(key) ?? []),
    };
  });
  const foreign = [...tallies].flatMap(([key, {rows}]) => (asked.has(key) ? [] : [{key, rows}]));
  return {partitions, foreign: foreign.sort((a, b) => (a.key < b.key ? -1 : 1))};
}

/** The text of a row's key, as the results of this module group it. */
function keyText({table}: Staging, alias = ''): string {
  const column = partitionColumn(table.partitioning);
  if (column === undefined) return literal('all');
  return `coalesce(CAST(${alias}${quoted(column)} AS VARCHAR), ${literal(NO_KEY)})`;
}

/** `GROUP BY` over the stored column: casting every row to text costs more than the scan. */
function groupColumns({table}: Staging, more: readonly string[] = []): readonly string[] {
  const column = partitionColumn(table.partitioning);
  return [...new Set([...(column === undefined ? [] : [column]), ...more])].map(quoted);
}

async function scan(
  staging: Staging,
  tests: readonly RowTest[],
  game: string | undefined,
): Promise<Map<string, Tally>> {
  const columns = staging.table.columns.map(column => quoted(column.name)).join(', ');
  // A row of zeros would hash to zero and add nothing, and a column that changes its name alone would hash the same.
  const names = literal(JSON.stringify(staging.table.columns.map(({name, type}) => [name, type])));
  const groups = groupColumns(staging, game === undefined ? [] : [game]);
  const selected = [
    keyText(staging),
    game === undefined ? 'NULL' : `CAST(${quoted(game)} AS VARCHAR)`,
    'count(*)',
    `sum(hash(${names}, ${columns}))`,
    ...tests.map(test => `count_if(${test.wrong})`),
  ];
  const grouping = groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')}`;
  const found = await staging.session.rows(`SELECT ${selected.join(', ')} FROM ${ROWS}${grouping}`);
  const tallies = new Map<string, Tally>();
  for (const [key, gameId, count, version, ...wrong] of found) {
    if (count === 0n) continue;
    const tally = tallies.get(String(key)) ?? {
      rows: 0,
      version: 0n,
      wrong: tests.map(() => 0),
      games: new Map(),
    };
    tallies.set(String(key), tally);
    tally.rows += Number(count);
    tally.version += typeof version === 'bigint' ? version : 0n;
    for (const [i, each] of wrong.entries()) tally.wrong[i] = (tally.wrong[i] ?? 0) + Number(each);
    if (typeof gameId === 'string') tally.games.set(gameId, Number(count));
  }
  return tallies;
}

function hex(sum: bigint): string {
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
}

function keyTest({table}: Staging): RowTest {
  return {
    check: 'key',
    severity: 'error',
    wrong: table.key.map(name => `${quoted(name)} IS NULL`).join(' OR ') || 'false',
    complaint: `no value in the key (${table.key.join(', ')})`,
  };
}

function rowTests(check: RequestedCheck): readonly RowTest[] {
  const {name, severity} = check;
  switch (check.kind) {
    case 'not-null':
      return check.columns.map(column => ({
        check: name,
        severity,
        wrong: `${quoted(column)} IS NULL`,
        complaint: `no ${column}`,
      }));
    case 'range':
      return [{check: name, severity, wrong: outside(check), complaint: beyond(check)}];
    case 'rows':
    case 'sql':
      return [];
    case 'unique':
    case 'accepted-values':
    case 'regex':
    case 'zero-share':
    case 'freshness':
    case 'sum-equals':
    case 'covers':
      throw new WarehouseError('query', `The check '${name}' cannot be judged here yet; remove it.`);
    default:
      return unreachable(check);
  }
}

function outside({column, min, max}: Check & {kind: 'range'}): string {
  const sides = [
    ...(min === undefined ? [] : [`${quoted(column)} < ${number(min)}`]),
    ...(max === undefined ? [] : [`${quoted(column)} > ${number(max)}`]),
  ];
  return sides.join(' OR ') || 'false';
}

function beyond({column, min, max}: Check & {kind: 'range'}): string {
  if (min === undefined) return `${column} above ${max}`;
  return max === undefined ? `${column} below ${min}` : `${column} outside ${min} to ${max}`;
}

/** A number as SQL; a literal like 0.1 alone would be a DECIMAL. */
function number(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : `CAST(${literal(String(value))} AS DOUBLE)`;
}

function bounds({min, max}: {readonly min: number | undefined; readonly max: number | undefined}): string {
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `${min} to ${max}`;
}

function rowsHave(count: number): string {
  return count === 1 ? '1 row has' : `${count} rows have`;
}

async function judgeRowTests(
  staging: Staging,
  tests: readonly RowTest[],
  tallies: ReadonlyMap<string, Tally>,
  violations: Violations,
): Promise<void> {
  for (const [i, test] of tests.entries()) {
    if (![...tallies.values()].some(tally => (tally.wrong[i] ?? 0) > 0)) continue;
    const examples = await wrongRows(staging, `SELECT * FROM ${ROWS} WHERE ${test.wrong}`);
    for (const [key, tally] of tallies) {
      const count = tally.wrong[i] ?? 0;
      if (count === 0) continue;
      violations.get(key)?.push({
        check: test.check,
        severity: test.severity,
        message: `${rowsHave(count)} ${test.complaint}`,
        count,
        examples: examples.get(key) ?? [],
      });
    }
  }
}

/** A few rows by partition as JSON, in the order of their text so that two runs say the same. */
async function wrongRows(staging: Staging, select: string): Promise<Map<string, string[]>> {
  const key = keyText(staging);
  const found = await staging.session.rows(
    `SELECT key, example FROM (SELECT ${key} AS key, CAST(to_json(wrong) AS VARCHAR) AS example FROM (${select}) AS wrong)
     QUALIFY row_number() OVER (PARTITION BY key ORDER BY example) <= ${EXAMPLES} ORDER BY key, example`,
  );
  const examples = new Map<string, string[]>();
  for (const [of, example] of found) {
    const known = examples.get(String(of)) ?? [];
    known.push(String(example));
    examples.set(String(of), known);
  }
  return examples;
}

async function judgeUniqueness(staging: Staging, violations: Violations): Promise<void> {
  const {key} = staging.table;
  if (key.length === 0) return;
  const columns = groupColumns(staging, key);
  const twice = `SELECT ${columns.join(', ')}, count(*) AS gameplan_count FROM ${ROWS}
    WHERE ${key.map(name => `${quoted(name)} IS NOT NULL`).join(' AND ')}
    GROUP BY ${columns.join(', ')} HAVING count(*) > 1`;
  const found = await staging.session.rows(
    `SELECT ${keyText(staging)}, count(*), sum(gameplan_count) FROM (${twice}) GROUP BY 1`,
  );
  if (found.length === 0) return;
  const examples = await wrongRows(
    staging,
    `SELECT ${columns.join(', ')}, gameplan_count AS rows FROM (${twice})`,
  );
  for (const [of, keys, rows] of found) {
    violations.get(String(of))?.push({
      check: 'key',
      severity: 'error',
      message: `${Number(rows)} rows share ${Number(keys) === 1 ? 'one key' : `${Number(keys)} keys`} (${key.join(', ')})`,
      count: Number(rows),
      examples: examples.get(String(of)) ?? [],
    });
  }
}

async function judgeRowCounts(
  staging: Staging,
  check: RequestedCheck & {kind: 'rows'},
  tallies: ReadonlyMap<string, Tally>,
  violations: Violations,
): Promise<void> {
  const upstream = check.of === undefined ? undefined : await upstreamRows(staging, check.of.edge);
  for (const [key, list] of violations) {
    const rows = tallies.get(key)?.rows ?? 0;
    const message = countMistake(check, rows, upstream?.get(key));
    if (message === undefined) continue;
    list.push({check: check.name, severity: check.severity, message, count: rows, examples: []});
  }
}

function countMistake(
  check: RequestedCheck & {kind: 'rows'},
  rows: number,
  upstream: number | undefined,
): string | undefined {
  const {min, max, of} = check;
  const held = `${rows} ${rows === 1 ? 'row' : 'rows'}`;
  if ((min !== undefined && rows < min) || (max !== undefined && rows > max)) {
    return `${held} where ${bounds(check)} are expected`;
  }
  // What the upstream does not hold cannot be compared with; whether it must hold it is the edge's business.
  if (of === undefined || upstream === undefined || rows >= of.atLeast * upstream) return undefined;
  return `${held}, less than ${Number((of.atLeast * 100).toFixed(4))} % of the ${upstream} of '${of.edge}'`;
}

/** Rows of an edge by key of the new rows; of an upstream that is one partition the whole, under every key. */
async function upstreamRows(staging: Staging, edge: string): Promise<Map<string, number>> {
  const input = staging.inputs.find(each => each.edge === edge);
  if (input === undefined || input.keys.length === 0) return new Map();
  const name = tableName(staging.catalog, input.table.name);
  const column = partitionColumn(input.table.partitioning);
  if (column === undefined) {
    const [row] = await staging.session.rows(`SELECT count(*) FROM ${name}`);
    return new Map(staging.partitions.map(({key}) => [key, Number(row?.[0] ?? 0)]));
  }
  const found = await staging.session.rows(
    `SELECT CAST(${quoted(column)} AS VARCHAR), count(*) FROM ${name}
     WHERE ${keyParameter(input.table, 'keys')} GROUP BY ${quoted(column)}`,
    {bound: bindKeys(input.keys)},
  );
  return new Map(found.map(([key, count]) => [String(key), Number(count)]));
}

async function judgeCustom(
  staging: Staging,
  check: RequestedCheck & {kind: 'sql'},
  asked: ReadonlySet<string>,
  violations: Violations,
): Promise<void> {
  const text = check.text ?? '';
  await staging.session.refuseFragments({path: check.query, text, start: 0});
  await bindWindows(staging);
  const found = await staging.session.transaction(async () => {
    await bindInputs(staging);
    const {relations, bound} = scopeOf(staging);
    const {sql, embedded} = wrap({
      before: `SELECT key, count(*), list(example ORDER BY example)[1:${EXAMPLES}] FROM (`,
      relations: [...relations, {name: 'new_rows', sql: `SELECT * FROM ${ROWS}`}],
      select: `${keyText(staging, 'result.')} AS key, CAST(to_json(result) AS VARCHAR) AS example`,
      query: text,
      path: check.query,
      after: ') GROUP BY key ORDER BY key',
    });
    return await staging.session.rows(sql, {embedded, bound});
  });
  for (const [key, count, examples] of found) {
    if (!asked.has(String(key))) throw strayRows(staging, check, String(key));
    violations.get(String(key))?.push({
      check: check.name,
      severity: check.severity,
      message: `${Number(count)} ${count === 1n ? 'row is' : 'rows are'} wrong by ${check.query}`,
      count: Number(count),
      examples: listed(examples),
    });
  }
}

/** Silence about such rows would be a check that never fails. */
function strayRows({table}: Staging, check: Check & {kind: 'sql'}, key: string): WarehouseError {
  const column = partitionColumn(table.partitioning) ?? 'key';
  return new WarehouseError(
    'query',
    `${check.query}: the check returns rows whose ${column} is ${key}, which is not among the new rows; let it return rows of 'new_rows' alone.`,
  );
}

function listed(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null || !('items' in value) || !Array.isArray(value.items))
    return [];
  return value.items.map(String);
}

function covered(
  {covers}: AuditRequest,
  tally: Tally | undefined,
  games: readonly string[],
): readonly string[] | undefined {
  if (covers === undefined) return undefined;
  return games.filter(game => (tally?.games.get(game) ?? 0) >= Math.max(1, covers.minRowsPerGame));
}
