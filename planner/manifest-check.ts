/**
 * Reads what must hold on an asset's rows: its columns, key, coverage and checks.
 * It does not deal with running them (runner).
 */

import {readProjectPath} from './manifest-path.ts';
import {
  at,
  findNode,
  has,
  hintAt,
  keyAt,
  namesAt,
  type Path,
  readPercentage,
  report,
  type Scope,
} from './manifest-scope.ts';
import type {CalendarDeclaration, Check, Column, Covers, Edge, Partitioning} from './pipeline.ts';
import type {RawAsset, RawCheck} from './schema.ts';
import {didYouMean} from './suggest.ts';

/** Columns as declared, with the partition's among them. */
export function readColumns(
  scope: Scope,
  asset: string,
  raw: RawAsset,
  partitioning: Partitioning,
): readonly Column[] {
  const base: Path = ['assets', asset, 'columns'];
  const columns: Column[] = [];
  for (const [name, column] of Object.entries(raw.columns ?? {})) {
    if (!/^[a-z_][a-z0-9_]*$/.test(name)) {
      report(
        scope,
        'bad-name',
        keyAt(scope, [...base, name]),
        `'${name}' cannot name a column: use small letters, digits and '_'.`,
      );
    }
    const long = typeof column === 'string' ? {type: column} : column;
    columns.push({name, type: long.type, unit: long.unit, description: long.description});
  }
  if (!has(scope, base)) {
    report(
      scope,
      'missing-key',
      keyAt(scope, ['assets', asset]),
      `'${asset}' makes a table and needs 'columns': its column names with their types.`,
    );
  } else if (partitioning.kind !== 'all') judgePartitionColumn(scope, base, columns, partitioning);
  return columns;
}

function judgePartitionColumn(
  scope: Scope,
  base: Path,
  columns: readonly Column[],
  partitioning: Exclude<Partitioning, {kind: 'all'}>,
): void {
  const {column: name, kind} = partitioning;
  const type = kind === 'date' ? 'date' : 'string';
  const names = namesAt(scope, base);
  const column = columns.find(column => column.name === name);
  if (column !== undefined && column.type !== type) {
    report(
      scope,
      'wrong-type',
      [...base, name],
      `Column '${name}' holds the key, a ${kind}: its type must be '${type}', not '${column.type}'.`,
    );
  } else if (column === undefined && !names.includes(name)) {
    report(
      scope,
      'unknown-column',
      keyAt(scope, base),
      `The columns lack '${name}', which holds the key: add '${name}: ${type}', or name the column in 'partition_by'.${didYouMean(name, names)}`,
    );
  }
}

/** The columns that tell rows apart. */
export function readKey(scope: Scope, asset: string, raw: RawAsset): readonly string[] {
  const path: Path = ['assets', asset, 'key'];
  if (!has(scope, path)) {
    report(
      scope,
      'missing-key',
      keyAt(scope, ['assets', asset]),
      `'${asset}' makes a table and needs 'key': the columns that tell its rows apart.`,
    );
  } else if (raw.key?.length === 0) {
    report(scope, 'bad-value', path, `The key must name at least one column.`);
  }
  const key = raw.key ?? [];
  const seen = new Set<string>();
  for (const [index, column] of key.entries()) {
    judgeColumn(scope, asset, [...path, index], column);
    if (seen.size === seen.add(column).size) {
      report(
        scope,
        'duplicate-name',
        [...path, index],
        `Column '${column}' stands in the key twice: remove one.`,
      );
    }
  }
  return key;
}

/** Says where `column` is none of the asset's. */
function judgeColumn(scope: Scope, asset: string, path: Path, column: string): void {
  const columns: Path = ['assets', asset, 'columns'];
  const known = findNode(scope, columns)?.children;
  if (known === undefined || known.size === 0 || known.has(column)) return;
  report(
    scope,
    'unknown-column',
    path,
    `'${asset}' has no column '${column}'.${hintAt(scope, columns, column)}`,
  );
}

/** Which games the rows must hold. Objects have no columns: a `files` asset's code says which games they hold. */
export function readCovers(
  scope: Scope,
  asset: string,
  raw: RawAsset,
  {partitioning, calendar}: {partitioning: Partitioning; calendar: CalendarDeclaration | undefined},
): Covers | undefined {
  const path: Path = ['assets', asset, 'covers'];
  if (raw.covers === undefined) return undefined;
  const place = keyAt(scope, path);
  const atLeast = readPercentage(scope, [...path, 'at_least'], raw.covers.at_least) ?? 1;
  if (raw.export !== undefined)
    return report(
      scope,
      'misplaced-key',
      place,
      `An export has no rows of its own to cover games: remove 'covers'.`,
    );
  if (partitioning.kind !== 'date') {
    return report(
      scope,
      'bad-covers',
      place,
      `Only what is partitioned by game date is held against the calendar's games: remove 'covers'.`,
    );
  }
  if (calendar?.source.kind === 'list') {
    return report(
      scope,
      'bad-covers',
      place,
      `Calendar '${calendar.name}' is a list of dates and knows no games: remove 'covers'.`,
    );
  }
  const {column} = raw.covers;
  if (raw.files !== undefined) {
    if (column !== undefined)
      report(
        scope,
        'misplaced-key',
        keyAt(scope, [...path, 'column']),
        `Objects have no columns: remove 'column'; the code says which games they hold.`,
      );
    const game = calendar?.source.kind === 'asset' ? calendar.source.columns.game : undefined;
    return game === undefined ? undefined : {column: game, atLeast, minRowsPerGame: 1};
  }
  if (column === undefined)
    return report(scope, 'missing-key', place, `'covers' needs 'column': the column with the game's id.`);
  judgeColumn(scope, asset, [...path, 'column'], column);
  return {column, atLeast, minRowsPerGame: raw.covers.rows_per_game?.min ?? 1};
}

export interface CheckInput {
  readonly asset: string;
  readonly raw: RawAsset;
  readonly columns: readonly Column[];
  readonly edges: readonly Edge[];
}

/** The checks that are right, each under its own name. */
export function readChecks(scope: Scope, input: CheckInput): readonly Check[] {
  const {asset, raw} = input;
  const checks: Check[] = [];
  const taken = new Set<string>();
  for (const [index, rawCheck] of (raw.checks ?? []).entries()) {
    const path: Path = ['assets', asset, 'checks', index];
    const check = readCheck(scope, path, rawCheck, input);
    if (check === undefined) continue;
    let name = rawCheck.name ?? check.name;
    if (taken.has(name) && rawCheck.name !== undefined) {
      report(
        scope,
        'duplicate-name',
        [...path, 'name'],
        `Two checks of '${asset}' are named '${name}': rename one.`,
      );
    }
    for (let n = 2; taken.has(name); n++) name = `${check.name} ${n}`;
    taken.add(name);
    checks.push({...check, name});
  }
  return checks;
}

const KINDS = ['not_null', 'range', 'rows', 'sql'] as const;

function readCheck(scope: Scope, path: Path, raw: RawCheck, input: CheckInput): Check | undefined {
  const kinds = KINDS.filter(kind => has(scope, [...path, kind]));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    return report(
      scope,
      'bad-check',
      path,
      `A check is exactly one of ${KINDS.join(', ')}${kinds.length > 1 ? `, not ${kinds.join(' and ')} together: make them two` : ''}.`,
    );
  }
  const base = {severity: raw.severity ?? 'error', at: keyAt(scope, [...path, kind])} as const;
  if (raw.not_null !== undefined) {
    for (const [index, column] of raw.not_null.entries())
      judgeColumn(scope, input.asset, [...path, 'not_null', index], column);
    return {...base, kind: 'not-null', name: `not_null(${raw.not_null.join(', ')})`, columns: raw.not_null};
  }
  if (raw.range !== undefined) {
    const {column, min, max} = raw.range;
    judgeRange(scope, [...path, 'range'], {column, min, max}, input);
    return {...base, kind: 'range', name: `range(${column})`, column, min, max};
  }
  if (raw.rows !== undefined) {
    const bounds = readRows(scope, [...path, 'rows'], raw.rows, input);
    return bounds === undefined ? undefined : {...base, kind: 'rows', ...bounds};
  }
  const query = raw.sql === undefined ? undefined : readProjectPath(scope, [...path, 'sql'], raw.sql);
  if (query === undefined) return undefined;
  const file = query.slice(query.lastIndexOf('/') + 1).replace(/\.sql$/, '');
  return {...base, kind: 'sql', name: `sql(${file})`, query, at: at(scope, [...path, 'sql'])};
}

function judgeRange(
  scope: Scope,
  path: Path,
  {column, min, max}: {column: string; min: number | undefined; max: number | undefined},
  {asset, columns}: CheckInput,
): void {
  judgeColumn(scope, asset, [...path, 'column'], column);
  const type = columns.find(({name}) => name === column)?.type;
  if (type !== undefined && type !== 'int64' && type !== 'float64') {
    report(
      scope,
      'bad-check',
      [...path, 'column'],
      `Column '${column}' is a ${type}, and a range needs numbers: use a 'sql' check.`,
    );
  }
  if (min === undefined && max === undefined)
    report(scope, 'bad-check', path, `A range needs 'min', 'max' or both.`);
  if (min !== undefined && max !== undefined && min > max) {
    report(scope, 'bad-range', [...path, 'max'], `The range is empty: ${max} is less than ${min}.`);
  }
}

type RowBounds = Omit<Extract<Check, {kind: 'rows'}>, 'severity' | 'at' | 'kind'>;

function readRows(
  scope: Scope,
  path: Path,
  {min, max, of, at_least}: NonNullable<RawCheck['rows']>,
  {edges, asset}: CheckInput,
): RowBounds | undefined {
  if (min === undefined && max === undefined && of === undefined) {
    return report(scope, 'bad-check', path, `A check of rows needs 'min', 'max' or 'of'.`);
  }
  if (min !== undefined && max !== undefined && min > max) {
    report(scope, 'bad-range', [...path, 'max'], `The range is empty: ${max} is less than ${min}.`);
  }
  const share = readPercentage(scope, [...path, 'at_least'], at_least);
  if (of === undefined) {
    if (at_least !== undefined)
      report(
        scope,
        'bad-check',
        [...path, 'at_least'],
        `'at_least' needs 'of': the edge whose rows are compared.`,
      );
    return {name: 'rows', min, max, of: undefined};
  }
  const edge = edges.find(({name}) => name === of) ?? edges.find(({upstream}) => upstream === of);
  if (edge === undefined) {
    const names = namesAt(scope, ['assets', asset, 'upstream']);
    // An edge that was wrong itself is not said twice.
    if (names.includes(of) || edges.length < names.length) return undefined;
    return report(
      scope,
      'unknown-edge',
      [...path, 'of'],
      `'${of}' is no edge of '${asset}'.${didYouMean(of, [...names, ...edges.map(({upstream}) => upstream)])}`,
    );
  }
  if (edge.window.kind !== 'same') {
    return report(
      scope,
      'bad-check',
      [...path, 'of'],
      `'${of}' reads other keys than its own, so rows cannot be compared key by key: name an edge on the same key.`,
    );
  }
  return {name: `rows(${of})`, min, max, of: {edge: edge.name, atLeast: share ?? 1}};
}
