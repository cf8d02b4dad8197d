/**
 * What the function library gives, by expression: one table that every engine is held to.
 * It does not run anything.
 */

/** A value as text: dates in ISO form, null as `null`. */
export interface FunctionCase {
  readonly call: string;
  readonly gives: string;
}

const INF = "CAST('inf' AS FLOAT64)";
const NAN = "CAST('nan' AS FLOAT64)";

const TABLE: Readonly<Record<string, string>> = {
  'safe_divide(1, 2)': '0.5',
  'safe_divide(1, 0)': 'null',
  'safe_divide(0, 0)': 'null',
  'safe_divide(0e0, -0e0)': 'null',
  'safe_divide(NULL, 1)': 'null',
  'safe_divide(1, NULL)': 'null',
  'safe_divide(1e308, 1e-308)': 'null',
  'safe_divide(-1e308, 1e-10)': 'null',
  'safe_divide(5e-324, 2)': '0',
  'safe_divide(9007199254740993, 3)': '3002399751580330.5',
  'safe_divide(9223372036854775807, 2)': '4611686018427388000',
  [`safe_divide(${INF}, 2)`]: 'Infinity',
  [`safe_divide(${INF}, 0)`]: 'null',
  [`safe_divide(1, ${INF})`]: '0',
  [`safe_divide(${INF}, ${INF})`]: 'NaN',
  [`safe_divide(${NAN}, 2)`]: 'NaN',
  [`safe_divide(${NAN}, 0)`]: 'null',
  "days_between(DATE '2024-01-01', DATE '2024-03-01')": '60',
  "days_between(DATE '2024-03-01', DATE '2024-01-01')": '-60',
  "days_between(TIMESTAMP '2024-01-01 23:59:59', DATE '2024-01-02')": '1',
  "days_between(CAST(NULL AS DATE), DATE '2024-01-01')": 'null',
  "days_after(DATE '2024-02-28', 1)": '2024-02-29',
  "days_after(DATE '2024-01-01', -1)": '2023-12-31',
  "days_after(DATE '2024-01-01', CAST(NULL AS INT64))": 'null',
  'days_after(CAST(NULL AS DATE), 1)': 'null',
  "season_of(DATE '2024-06-30')": '2023-24',
  "season_of(DATE '2024-07-01')": '2024-25',
  "season_of(DATE '2023-12-31')": '2023-24',
  "season_of(DATE '2024-02-29')": '2023-24',
  "season_of(DATE '2024-08-31')": '2024-25',
  "season_of(DATE '1999-10-01')": '1999-00',
  'season_of(CAST(NULL AS DATE))': 'null',
  "weekday_of(DATE '2024-01-01')": '1',
  "weekday_of(DATE '2024-01-07')": '7',
  'weekday_of(CAST(NULL AS DATE))': 'null',
  "week_start(DATE '2024-01-01')": '2024-01-01',
  "week_start(DATE '2024-01-07')": '2024-01-01',
  "week_start(DATE '2025-01-01')": '2024-12-30',
  "month_start(DATE '2024-02-29')": '2024-02-01',
  'month_start(CAST(NULL AS DATE))': 'null',
  "date_in_zone(TIMESTAMP '2024-01-02 04:59:00', 'America/New_York')": '2024-01-01',
  "date_in_zone(TIMESTAMP '2024-07-02 04:00:00', 'America/New_York')": '2024-07-02',
  "date_in_zone(CAST(NULL AS TIMESTAMP), 'UTC')": 'null',
  'greater_of(1, 2)': '2',
  'greater_of(1, NULL)': 'null',
  'greater_of(NULL, NULL)': 'null',
  "greater_of('a', 'b')": 'b',
  "greater_of(DATE '2024-01-01', DATE '2024-01-02')": '2024-01-02',
  'lesser_of(1, 2.5e0)': '1',
  'lesser_of(NULL, 1)': 'null',
  'rounded(2.5e0, 0)': '3',
  'rounded(-2.5e0, 0)': '-3',
  'rounded(2.675e0, 2)': '2.68',
  'rounded(1.005e0, 2)': '1',
  'rounded(1234.5e0, -2)': '1200',
  'rounded(12345678.125e0, 2)': '12345678.13',
  'rounded(7, 0)': '7',
  'rounded(CAST(NULL AS FLOAT64), 1)': 'null',
  "hash_of('')": '955282973525019424',
  "hash_of('a')": '57446577476672362',
  "hash_of('é🏀')": '101283458062936694',
  'hash_of(CAST(NULL AS STRING))': 'null',
};

export const functionCases: readonly FunctionCase[] = Object.entries(TABLE).map(([call, gives]) => ({
  call,
  gives,
}));
