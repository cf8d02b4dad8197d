/**
 * Reads the dates of a calendar that is a list, from the manifest or from a CSV file.
 * It does not deal with calendars that are read from an asset (manifest-calendar.ts).
 */
import {findScattered} from './calendar.ts';
import {diagnose, type SourceFile, type Span} from './diagnostic.ts';
import {isDate, isSeason} from './duration.ts';
import {at, type Path, readDate, readSeason, report, type Scope} from './manifest-scope.ts';
import {tooLarge} from './manifest-tree.ts';
import type {RawCalendar} from './schema.ts';

type Entry = {readonly date: string; readonly season: string};
export type FindFile = (path: string) => SourceFile | undefined;

/** The dates with their seasons, sorted; what is wrong is told and left out. */
export function readEntries(
  scope: Scope,
  path: Path,
  dates: RawCalendar['dates'],
  findFile: FindFile,
): readonly Entry[] | undefined {
  if (dates === undefined) return undefined;
  if (typeof dates === 'string') {
    const file = findFile(dates);
    if (file === undefined)
      return report(
        scope,
        'missing-file',
        path,
        `There is no file '${dates}': write it, or correct the path.`,
      );
    const large = tooLarge(file);
    if (large === undefined) return sortEntries(scope, parseCsv(scope, file));
    scope.diagnostics.push(large);
    return undefined;
  }
  const entries: PlacedEntry[] = [];
  for (const [index, {date, season}] of dates.entries()) {
    const known = readDate(scope, [...path, index, 'date'], date);
    const holding = readSeason(scope, [...path, index, 'season'], season);
    if (known && holding) entries.push({date, season, at: at(scope, [...path, index, 'date'])});
  }
  return sortEntries(scope, entries);
}

/** A list with more mistakes than this is another list than was meant. */
const MOST_MISTAKES = 100;

type PlacedEntry = Entry & {readonly at: Span};

function sortEntries(scope: Scope, entries: readonly PlacedEntry[]): readonly Entry[] {
  const first = new Map<string, PlacedEntry>();
  const mistakes = scope.diagnostics.length + MOST_MISTAKES;
  for (const entry of entries) {
    if (scope.diagnostics.length >= mistakes) break;
    const known = first.get(entry.date);
    if (known === undefined) first.set(entry.date, entry);
    else {
      const related = [{message: 'it stands here first', at: known.at}];
      report(
        scope,
        'duplicate-key',
        entry.at,
        `Date '${entry.date}' is listed a second time: keep one of the two.`,
        related,
      );
    }
  }
  const scattered = findScattered([...first.values()]);
  if (scattered !== undefined) {
    const {item, between} = scattered;
    report(
      scope,
      'bad-season',
      item.at,
      `Date '${item.date}' is listed in season ${item.season}, and '${between.date}', before it, in ${between.season}: a season is one stretch of dates, so correct one of the two.`,
      [{message: 'this date lies between', at: between.at}],
    );
  }
  return [...first.values()]
    .map(({date, season}) => ({date, season}))
    .sort((a, b) => (a.date < b.date ? -1 : 1));
}

/** Two columns with a header line, `date,season`, without quotes. */
function parseCsv(scope: Scope, file: SourceFile): readonly PlacedEntry[] {
  const entries: PlacedEntry[] = [];
  let header: readonly string[] | undefined;
  let offset = 0;
  const mistakes = scope.diagnostics.length + MOST_MISTAKES;
  for (const line of file.text.split('\n')) {
    const span = {file, start: offset, end: offset + Math.max(1, line.trimEnd().length)};
    offset += line.length + 1;
    const cells = line
      .trim()
      .split(',')
      .map(cell => cell.trim());
    if (line.trim() === '') continue;
    if (scope.diagnostics.length >= mistakes) break;
    if (header === undefined) {
      header = cells;
      if (header.includes('date') && header.includes('season')) continue;
      report(scope, 'bad-value', span, `The first line must name the columns 'date' and 'season'.`);
      return [];
    }
    const date = cells[header.indexOf('date')] ?? '';
    const season = cells[header.indexOf('season')] ?? '';
    if (!isDate(date))
      scope.diagnostics.push(diagnose('bad-date', span, `'${date}' is no date: write it as '2024-01-15'.`));
    else if (!isSeason(season)) {
      scope.diagnostics.push(
        diagnose('bad-season', span, `'${season}' is no season: write it as '2023-24'.`),
      );
    } else entries.push({date, season, at: span});
  }
  if (header === undefined)
    report(
      scope,
      'bad-value',
      {file, start: 0, end: 1},
      `'${file.path}' is empty: list dates with their seasons.`,
    );
  return entries;
}
