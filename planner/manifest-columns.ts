/**
 * Reads what an asset's table has: its columns, its key, and the games that it must hold.
 * It does not deal with the checks on its rows (manifest-check.ts).
 */
import {
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
import type {CalendarDeclaration, Column, Covers, Partitioning} from './pipeline.ts';
import type {RawAsset} from './schema.ts';
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
export function judgeColumn(scope: Scope, asset: string, path: Path, column: string): void {
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
