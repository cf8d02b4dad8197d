/**
 * Reads the declarations of calendars: from an asset's table, from a list of dates, or from a CSV file.
 * It does not deal with what a calendar holds once it is published (calendar.ts).
 */

import {isTimezone} from './day.ts';
import {isMonthDay} from './duration.ts';
import {hasTable, isExternal} from './making.ts';
import {type FindFile, readEntries} from './manifest-dates.ts';
import {has, keyAt, namesAt, type Path, readSeason, report, type Scope} from './manifest-scope.ts';
import type {Asset, AssetName, CalendarDeclaration} from './pipeline.ts';
import type {RawCalendar, RawManifest} from './schema.ts';
import {didYouMean} from './suggest.ts';

/** All calendars whose declaration is right so far; what refers to assets is judged by `judgeCalendars`. */
export function readCalendars(
  scope: Scope,
  manifest: RawManifest,
  findFile: FindFile,
): ReadonlyMap<string, CalendarDeclaration> {
  const calendars = new Map<string, CalendarDeclaration>();
  for (const [name, raw] of Object.entries(manifest.calendars ?? {})) {
    const calendar = readCalendar(scope, name, raw, findFile);
    if (calendar !== undefined) calendars.set(name, calendar);
  }
  return calendars;
}

function readCalendar(scope: Scope, name: string, raw: RawCalendar, findFile: FindFile) {
  const base: Path = ['calendars', name];
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    report(
      scope,
      'bad-name',
      keyAt(scope, base),
      `'${name}' cannot name a calendar: use small letters, digits and '_'.`,
    );
  }
  const timezone = readTimezone(scope, base, raw);
  const source = readSource(scope, base, raw, findFile);
  const seasons = readSeasons(scope, base, raw, source);
  if (source === undefined || seasons === undefined) return undefined;
  const calendar: CalendarDeclaration = {name, timezone, seasons, source, at: keyAt(scope, base)};
  return calendar;
}

function readTimezone(scope: Scope, base: Path, raw: RawCalendar): string {
  const path = [...base, 'timezone'];
  if (raw.timezone === undefined) {
    if (raw.dates === undefined && !has(scope, path)) {
      report(
        scope,
        'missing-key',
        keyAt(scope, base),
        `Calendar '${base.at(-1)}' needs a timezone, such as 'America/New_York'.`,
      );
    }
    return 'UTC';
  }
  if (isTimezone(raw.timezone)) return raw.timezone;
  const guess = didYouMean(raw.timezone, Intl.supportedValuesOf('timeZone'));
  report(
    scope,
    'bad-timezone',
    path,
    `'${raw.timezone}' is no time zone.${guess || " Write one such as 'America/New_York'."}`,
  );
  return 'UTC';
}

const FROM_ASSET = ['asset', 'date', 'season', 'game', 'teams', 'where', 'status', 'starts_at'] as const;
const NEEDED = ['date', 'season', 'game', 'status'] as const;

function readSource(
  scope: Scope,
  base: Path,
  raw: RawCalendar,
  findFile: FindFile,
): CalendarDeclaration['source'] | undefined {
  const isList = has(scope, [...base, 'dates']);
  if (isList === has(scope, [...base, 'asset'])) {
    const message = isList ? "has both 'asset' and 'dates': keep one" : "needs either 'asset' or 'dates'";
    return report(scope, 'missing-key', keyAt(scope, base), `Calendar '${base.at(-1)}' ${message}.`);
  }
  if (isList) {
    for (const key of FROM_ASSET) {
      if (!has(scope, [...base, key])) continue;
      report(
        scope,
        'misplaced-key',
        keyAt(scope, [...base, key]),
        `'${key}' belongs to a calendar that is read from an asset: remove it.`,
      );
    }
    return readList(scope, base, raw, findFile);
  }
  const missing = NEEDED.filter(key => !has(scope, [...base, key]));
  for (const key of missing) {
    report(
      scope,
      'missing-key',
      keyAt(scope, base),
      `Calendar '${base.at(-1)}' needs '${key}': the column of its asset that says it.`,
    );
  }
  const {asset, date, season, game, status} = raw;
  if (!asset || !date || !season || !game || !status) return undefined;
  return {
    kind: 'asset',
    // A name that no asset has is refused by `judgeCalendars`.
    asset: asset as AssetName,
    columns: {date, season, game, status, teams: raw.teams ?? [], startsAt: raw.starts_at},
    where: raw.where,
  };
}

/** Without a date, seasons that are declared give a list its keys; without either it has none, ever. */
function readList(
  scope: Scope,
  base: Path,
  raw: RawCalendar,
  findFile: FindFile,
): CalendarDeclaration['source'] | undefined {
  const path = [...base, 'dates'];
  const mistakes = scope.diagnostics.length;
  const entries = readEntries(scope, path, raw.dates, findFile);
  if (entries === undefined) return undefined;
  if (entries.length === 0 && raw.seasons === undefined && scope.diagnostics.length === mistakes) {
    const place = typeof raw.dates === 'string' ? ` ('${raw.dates}')` : '';
    return report(
      scope,
      'bad-value',
      path,
      `Calendar '${base.at(-1)}' lists no date${place}: list dates with their seasons.`,
    );
  }
  return {kind: 'list', entries};
}

function readSeasons(
  scope: Scope,
  base: Path,
  raw: RawCalendar,
  source: CalendarDeclaration['source'] | undefined,
): CalendarDeclaration['seasons'] | undefined {
  const path = [...base, 'seasons'];
  if (raw.seasons === undefined) {
    if (has(scope, path)) return undefined;
    const first = source?.kind === 'list' ? source.entries[0] : undefined;
    // A list says itself which seasons there are.
    if (first !== undefined) return {from: first.season, rollsOver: '07-01'};
    if (raw.dates === undefined) {
      report(
        scope,
        'missing-key',
        keyAt(scope, base),
        `Calendar '${base.at(-1)}' needs 'seasons: {from: 2023-24, rolls_over: 07-01}': the seasons that exist before any data.`,
      );
    }
    return undefined;
  }
  const from = readSeason(scope, [...path, 'from'], raw.seasons.from);
  const rollsOver = raw.seasons.rolls_over;
  if (!isMonthDay(rollsOver)) {
    return report(
      scope,
      'bad-date',
      [...path, 'rolls_over'],
      `'${rollsOver}' is no month and day: write it as '07-01'.`,
    );
  }
  return from === undefined ? undefined : {from, rollsOver};
}

/** Holds calendars against the assets that give them. */
export function judgeCalendars(
  scope: Scope,
  calendars: ReadonlyMap<string, CalendarDeclaration>,
  assets: ReadonlyMap<AssetName, Asset>,
): void {
  const names = namesAt(scope, ['assets']);
  for (const {name, source} of calendars.values()) {
    if (source.kind !== 'asset') continue;
    const base: Path = ['calendars', name];
    const asset = assets.get(source.asset);
    if (asset === undefined) {
      if (names.includes(source.asset)) continue;
      report(
        scope,
        'unknown-asset',
        [...base, 'asset'],
        `No asset is named '${source.asset}'.${didYouMean(source.asset, names)}`,
      );
    } else if (!hasTable(asset.making.kind)) {
      report(
        scope,
        'calendar-asset',
        [...base, 'asset'],
        `'${asset.name}' has no table, so calendar '${name}' cannot be read from it: name a 'rows' or 'sql' asset.`,
      );
    } else if (isExternal(asset.making.kind)) {
      report(
        scope,
        'calendar-asset',
        [...base, 'asset'],
        `'${asset.name}' is made by others, and calendar '${name}' must be judged before it is believed: name a 'sql' asset that reads it.`,
      );
    } else judgeColumns(scope, base, source, asset);
  }
}

function judgeColumns(
  scope: Scope,
  base: Path,
  source: CalendarDeclaration['source'] & {readonly kind: 'asset'},
  asset: Asset,
): void {
  const known = namesAt(scope, ['assets', asset.name, 'columns']);
  if (known.length === 0) return;
  const {date, season, game, status, startsAt, teams} = source.columns;
  const wanted: readonly (readonly [Path, string | undefined])[] = [
    [['date'], date],
    [['season'], season],
    [['game'], game],
    [['status'], status],
    [['starts_at'], startsAt],
    ...teams.map((team, index) => [['teams', index], team] as const),
  ];
  for (const [path, column] of wanted) {
    if (column === undefined || known.includes(column)) continue;
    report(
      scope,
      'unknown-column',
      [...base, ...path],
      `'${asset.name}' has no column '${column}'.${didYouMean(column, known)}`,
    );
  }
}
