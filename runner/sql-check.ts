/**
 * The checks that the one scan of staged rows can tell: what each counts there, and what it says of a partition.
 * It does not deal with checks that look at edges or need a scan of their own.
 */
import {isEnough} from '../planner/coverage.ts';
import type {Check, CheckValue, Covers} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {Dialect} from './sql-dialect.ts';
import type {Measure, Tally} from './sql-scan.ts';
import type {Expectation} from './warehouse.ts';

/** What a check says of one partition; undefined where it holds. */
export interface Complaint {
  readonly message: string;
  readonly count: number;
}

/** A check as the scan sees it. */
export interface ScanTest {
  readonly measures: readonly Measure[];
  /** A condition on rows that serve as examples; undefined where none does. */
  readonly examples: string | undefined;
  /** `numbers` are those of its measures. `tally` is undefined where the partition has no rows. */
  judge(
    numbers: readonly (number | undefined)[],
    about: {readonly tally: Tally | undefined; readonly expected: Expectation | undefined},
  ): Complaint | undefined;
}

/** That no column of the key is null. */
export function keyTest(key: readonly string[], {quoted}: Dialect): ScanTest {
  const wrong = key.map(name => `${quoted(name)} IS NULL`).join(' OR ') || 'false';
  return rowTest(wrong, `no value in the key (${key.join(', ')})`);
}

/** The tests that a check comes to; none where the scan cannot tell. */
export function scanTests(check: Check, covers: Covers | undefined, dialect: Dialect): readonly ScanTest[] {
  const {quoted} = dialect;
  switch (check.kind) {
    case 'not-null':
      return check.columns.map(column => rowTest(`${quoted(column)} IS NULL`, `no ${column}`));
    case 'accepted-values':
      return [rowTest(...unaccepted(check, dialect))];
    case 'range':
      return [rowTest(outside(check, dialect), beyond(check))];
    case 'regex':
      return [
        rowTest(
          `NOT ${dialect.matches(quoted(check.column), check.pattern)}`,
          `${check.column} that is not of the form ${check.pattern}`,
        ),
      ];
    case 'zero-share':
      return [zeroTest(check, dialect)];
    case 'freshness':
      return [freshnessTest(check, dialect)];
    case 'rows':
      return check.of === undefined ? [rowsTest(check)] : [];
    case 'covers':
      return [coversTest(check, covers)];
    case 'unique':
    case 'sum-equals':
    case 'sql':
      return [];
    default:
      return unreachable(check);
  }
}

/** A test of every row by itself. */
function rowTest(wrong: string, complaint: string): ScanTest {
  return {
    measures: [{sql: `countif(${wrong})`, merge: 'sum'}],
    examples: wrong,
    judge: ([count = 0]) =>
      count === 0
        ? undefined
        : {count, message: `${count} ${count === 1 ? 'row has' : 'rows have'} ${complaint}`},
  };
}

/** How many values a message lists. */
const LISTED = 8;

function unaccepted(
  {column, values}: Check & {kind: 'accepted-values'},
  dialect: Dialect,
): [wrong: string, complaint: string] {
  const some = values
    .slice(0, LISTED)
    .map(value => (typeof value === 'string' ? `'${value}'` : String(value)));
  const more = values.length > LISTED ? ` and ${values.length - LISTED} more` : '';
  return [
    `${dialect.quoted(column)} NOT IN (${values.map(value => sqlValue(value, dialect)).join(', ')})`,
    `${column} other than ${some.join(', ')}${more}`,
  ];
}

function sqlValue(value: CheckValue, {literal, number}: Dialect): string {
  return typeof value === 'number'
    ? number(value)
    : typeof value === 'string'
      ? literal(value)
      : String(value);
}

function outside({column, min, max}: Check & {kind: 'range'}, {quoted, number}: Dialect): string {
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

function zeroTest({column, atMost}: Check & {kind: 'zero-share'}, {quoted}: Dialect): ScanTest {
  const zero = `${quoted(column)} = 0`;
  return {
    measures: [
      {sql: `countif(${zero})`, merge: 'sum'},
      {sql: `count(${quoted(column)})`, merge: 'sum'},
    ],
    examples: zero,
    judge: ([zeros = 0, values = 0]) =>
      isEnough(values - zeros, 1 - atMost, values)
        ? undefined
        : {
            count: zeros,
            message: `${zeros} of ${values} values of ${column} are 0 (${percent(zeros / values)}), where at most ${percent(atMost)} may be`,
          },
  };
}

function freshnessTest(
  {column, within}: Check & {kind: 'freshness'},
  {quoted, newest: newestOf}: Dialect,
): ScanTest {
  return {
    measures: [{sql: newestOf(quoted(column)), merge: 'max'}],
    examples: undefined,
    judge: ([newest], {tally, expected}) => {
      // Whether there must be rows is for other checks to say.
      if (tally === undefined) return undefined;
      if (newest === undefined)
        return {
          count: tally.rows,
          message: `no row has a value in ${column}, which tells how old the rows are`,
        };
      if (expected === undefined) throw new Error('Internal error: nobody said when the rows were made.');
      const age = expected.asOf - newest;
      if (age <= within) return undefined;
      const at = new Date(newest).toISOString().replace('T', ' ').replace('.000Z', '').replace('Z', '');
      return {
        count: tally.rows,
        message: `the newest ${column} is ${at} UTC, ${hours(age)} old where at most ${hours(within)} is allowed`,
      };
    },
  };
}

function rowsTest(check: Check & {kind: 'rows'}): ScanTest {
  return {
    measures: [],
    examples: undefined,
    judge: (_, {tally}) => outOfBounds(check, tally?.rows ?? 0),
  };
}

/** What a count of rows is wrong about by itself. */
export function outOfBounds({min, max}: Check & {kind: 'rows'}, rows: number): Complaint | undefined {
  if ((min === undefined || rows >= min) && (max === undefined || rows <= max)) return undefined;
  return {count: rows, message: `${rowsOf(rows)} where ${boundsText(min, max)} are expected`};
}

function boundsText(min: number | undefined, max: number | undefined): string {
  if (min === undefined) return `at most ${max}`;
  if (max === undefined) return `at least ${min}`;
  return min === max ? `exactly ${min}` : `${min} to ${max}`;
}

export function rowsOf(rows: number): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'}`;
}

function coversTest({atLeast}: Check & {kind: 'covers'}, covers: Covers | undefined): ScanTest {
  return {
    measures: [],
    examples: undefined,
    judge: (_, {tally, expected}) => {
      const games = expected?.games ?? [];
      const held = new Set(heldGames(covers, tally, games));
      const accepted = new Set(expected?.accepted);
      const absent = games.filter(game => !held.has(game) && !accepted.has(game));
      const all = held.size + absent.length;
      if (isEnough(held.size, atLeast, all)) return undefined;
      const more = absent.length > 3 ? ` and ${absent.length - 3} more` : '';
      return {
        count: absent.length,
        message: `${held.size} of ${all} games (${percent(held.size / all)}) where at least ${percent(atLeast)} are expected; absent: ${absent.slice(0, 3).join(', ')}${more}`,
      };
    },
  };
}

/** Of these games those that the rows hold. */
export function heldGames(
  covers: Covers | undefined,
  tally: Tally | undefined,
  games: readonly string[],
): readonly string[] {
  const least = Math.max(1, covers?.minRowsPerGame ?? 1);
  return games.filter(game => (tally?.games.get(game) ?? 0) >= least);
}

export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

function hours(ms: number): string {
  return `${Number((ms / 3_600_000).toFixed(1))} h`;
}
