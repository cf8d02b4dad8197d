/**
 * Judges staged rows: one scan grouped by partition for counts, versions and most checks, then what needs a scan of its own.
 * It does not deal with what a violation leads to; the runner quarantines or warns.
 */
import {heldGames, keyTest, type ScanTest, scanTests} from './sql-check.ts';
import {hex, type Judged, keyText} from './sql-dialect.ts';
import {EXAMPLES, type Finding, judgeCustom, judgeRowsOf, judgeSums} from './sql-edge-check.ts';
import {groupColumns, scan, type Tally} from './sql-scan.ts';
import type {Audit, AuditRequest, AuditResult, Expectation, InputSpec, Violation} from './warehouse.ts';

type RequestedCheck = AuditRequest['checks'][number];

/** A check on its way: what the scan tells of it, and that it is one that needs more. */
interface Item {
  readonly named: Pick<Violation, 'check' | 'severity' | 'penalty'>;
  /** `first`: where its numbers begin. */
  readonly tests: readonly {readonly test: ScanTest; readonly first: number}[];
  /** Undefined: the asset's key. */
  readonly check: RequestedCheck | undefined;
}

/** What was found, by key. */
type Findings = ReadonlyMap<string, Finding>;

interface Scanned {
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly expected: ReadonlyMap<string, Expectation>;
}

/** Counts, versions, violations, coverage and foreign rows of a staging. */
export async function audit(judged: Judged, request: AuditRequest): Promise<AuditResult> {
  const {covers} = request;
  const items = itemsOf(judged, request);
  const measures = items.flatMap(({tests}) => tests.flatMap(({test}) => test.measures));
  const tallies = await scan(judged, measures, covers?.column);
  const expected = new Map(request.expected.map(each => [each.key, each]));
  const apart = await judgeApart(judged, items, tallies);
  const violations = new Map<string, Violation[]>(judged.partitions.map(({key}) => [key, []]));
  for (const item of items) {
    const found = [
      ...(await judgeByScan(judged, item, {tallies, expected})),
      ...(apart.get(item) ?? new Map<string, Finding>()),
    ];
    for (const [key, finding] of found) violations.get(key)?.push({...item.named, ...finding});
  }
  const partitions = judged.partitions.map(({key}): Audit => {
    const tally = tallies.get(key);
    const games = expected.get(key)?.games ?? [];
    return {
      key,
      rows: tally?.rows ?? 0,
      version: hex(tally?.version ?? 0n),
      violations: violations.get(key) ?? [],
      covered: covers === undefined ? undefined : heldGames(covers, tally, games),
    };
  });
  const foreign = [...tallies].flatMap(([key, {rows}]) => (violations.has(key) ? [] : [{key, rows}]));
  return {partitions, foreign: foreign.sort((a, b) => (a.key < b.key ? -1 : 1))};
}

function itemsOf({table, dialect}: Judged, {checks, covers}: AuditRequest): readonly Item[] {
  let next = 0;
  const placed = (tests: readonly ScanTest[]): Item['tests'] =>
    tests.map(test => {
      const first = next;
      next += test.measures.length;
      return {test, first};
    });
  const key = {check: 'key', severity: 'error', penalty: 0} as const;
  return [
    {named: key, tests: placed([keyTest(table.key, dialect)]), check: undefined},
    ...checks.map(check => ({
      named: {check: check.name, severity: check.severity, penalty: check.penalty},
      tests: placed(scanTests(check, covers, dialect)),
      check,
    })),
  ];
}

/** What the numbers of the scan say. Examples are looked for only where something is wrong. */
async function judgeByScan(
  judged: Judged,
  {tests}: Item,
  {tallies, expected}: Scanned,
): Promise<readonly (readonly [string, Finding])[]> {
  const found: [string, Finding][] = [];
  for (const {test, first} of tests) {
    const complaints = judged.partitions.flatMap(({key}) => {
      const tally = tallies.get(key);
      const numbers = tally?.numbers.slice(first, first + test.measures.length) ?? [];
      const complaint = test.judge(numbers, {tally, expected: expected.get(key)});
      return complaint === undefined ? [] : [{key, complaint}];
    });
    if (complaints.length === 0) continue;
    const examples =
      test.examples === undefined
        ? new Map<string, readonly string[]>()
        : await wrongRows(judged, `SELECT * FROM ${judged.rows} WHERE ${test.examples}`);
    for (const {key, complaint} of complaints)
      found.push([key, {...complaint, examples: examples.get(key) ?? []}]);
  }
  return found;
}

/** A few rows by partition as JSON, in the order of their text so that two runs say the same. */
async function wrongRows(judged: Judged, select: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const key = keyText(judged);
  const found = await judged.query(
    `SELECT key, example FROM (SELECT ${key} AS key, ${judged.dialect.rowJson('wrong')} AS example FROM (${select}) AS wrong)
     WHERE true QUALIFY row_number() OVER (PARTITION BY key ORDER BY example) <= ${EXAMPLES} ORDER BY key, example`,
  );
  const examples = new Map<string, string[]>();
  for (const [of, example] of found) {
    const known = examples.get(String(of)) ?? [];
    known.push(String(example));
    examples.set(String(of), known);
  }
  return examples;
}

/** What needs a scan of its own. The edges are bound once for all checks that look at them. */
async function judgeApart(
  judged: Judged,
  items: readonly Item[],
  tallies: ReadonlyMap<string, Tally>,
): Promise<ReadonlyMap<Item, Findings>> {
  const found = new Map<Item, Findings>();
  const {key} = judged.table;
  for (const item of items) {
    const {check} = item;
    if (check === undefined && key.length > 0) found.set(item, await judgeUnique(judged, key, 'key'));
    // Rows that the key tells apart differ in more columns, too.
    if (check?.kind === 'unique' && !key.every(column => check.columns.includes(column)))
      found.set(item, await judgeUnique(judged, check.columns, 'value'));
  }
  const withEdges = items.filter(({check}) => check !== undefined && readsEdges(check));
  if (withEdges.length === 0) return found;
  for (const {check} of withEdges) {
    if (check?.kind !== 'sql') continue;
    await judged.refuseFragments({path: check.query, text: check.text ?? '', start: 0});
  }
  const edges = new Set(withEdges.map(({check}) => check && edgeOf(check)));
  const isRead = ({edge}: InputSpec): boolean => edges.has(undefined) || edges.has(edge);
  await judged.withInputs(isRead, async () => {
    for (const item of withEdges) {
      const {check} = item;
      if (check?.kind === 'rows') found.set(item, await judgeRowsOf(judged, check, tallies));
      if (check?.kind === 'sum-equals') found.set(item, await judgeSums(judged, check));
      if (check?.kind === 'sql') found.set(item, await judgeCustom(judged, check));
    }
  });
  return found;
}

function readsEdges(check: RequestedCheck): boolean {
  return check.kind === 'sql' || edgeOf(check) !== undefined;
}

/** The one edge that a check looks at; undefined: none, or, of a query, any. */
function edgeOf(check: RequestedCheck): string | undefined {
  if (check.kind === 'sum-equals') return check.edge;
  return check.kind === 'rows' ? check.of?.edge : undefined;
}

/** Values that stand in more than one row of a partition; rows with a null among them are not compared. */
async function judgeUnique(
  judged: Judged,
  unique: readonly string[],
  what: 'key' | 'value',
): Promise<Findings> {
  const columns = groupColumns(judged, unique).join(', ');
  const {quoted} = judged.dialect;
  const twice = `SELECT ${columns}, count(*) AS gameplan_count FROM ${judged.rows}
    WHERE ${unique.map(name => `${quoted(name)} IS NOT NULL`).join(' AND ')}
    GROUP BY ${columns} HAVING count(*) > 1`;
  const found = await judged.query(
    `SELECT ${keyText(judged)}, count(*), sum(gameplan_count) FROM (${twice}) GROUP BY 1`,
  );
  if (found.length === 0) return new Map();
  const examples = await wrongRows(
    judged,
    `SELECT ${columns}, gameplan_count AS ${quoted('rows')} FROM (${twice})`,
  );
  return new Map(
    found.map(([of, shared, rows]) => {
      const many = Number(shared) === 1 ? `one ${what}` : `${Number(shared)} ${what}s`;
      const message = `${Number(rows)} rows share ${many} (${unique.join(', ')})`;
      return [String(of), {count: Number(rows), message, examples: examples.get(String(of)) ?? []}];
    }),
  );
}
