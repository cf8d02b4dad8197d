/**
 * The league's injury report: who may not play, team by team, on the day of the report and the next.
 * It does not deal with whom a name is of in the league's list (player-name.ts).
 */
import {readTable, type TableLine} from './pdf-table.ts';

const HEADERS = ['Game Date', 'Game Time', 'Matchup', 'Team', 'Player Name', 'Current Status', 'Reason'];

/** What stands in place of players where a team has not told yet; also its status in raw.injury_report. */
export const NOT_SUBMITTED = 'Not Yet Submitted';

export interface ReportLine {
  /** `2024-12-25` */
  readonly date: string;
  /** The league's three letters, visitors first. */
  readonly matchup: readonly [string, string];
  /** As it is printed. */
  readonly team: string;
  /** `Jaren Jackson Jr.`; null for a team that has not told. */
  readonly player: string | null;
  readonly status: string;
  readonly reason: string | null;
}

export interface InjuryReport {
  /** The day that it says it is of. */
  readonly date: string;
  readonly lines: readonly ReportLine[];
}

/** How long after its time a report is there for certain. Minutes. */
const LAG = 15;

const newYork = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'America/New_York',
  dateStyle: 'short',
  timeStyle: 'short',
});

/**
 * The last report of a date that is there at an instant. There was one every hour, of half past by New York, until
 * 2025-12-22; since then there is one every quarter of an hour, with minutes in its name.
 */
export function reportPath(date: string, asOf: string): string {
  const [day = '', time = ''] = newYork.format(Date.parse(asOf) - LAG * 60_000).split(' ');
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const minute = day < date ? 0 : day > date ? 24 * 60 - 1 : hours * 60 + minutes;
  if (date < '2025-12-23') {
    const hour = Math.max(0, Math.floor((minute - 30) / 60));
    return pathOf(date, hour, '');
  }
  const quarter = Math.floor((minute % 60) / 15) * 15;
  return pathOf(date, Math.floor(minute / 60), `_${String(quarter).padStart(2, '0')}`);
}

function pathOf(date: string, hour: number, minutes: string): string {
  const shown = String(hour % 12 || 12).padStart(2, '0');
  return `/referee/injury/Injury-Report_${date}_${shown}${minutes}${hour < 12 ? 'AM' : 'PM'}.pdf`;
}

/** Throws where it is no such report, or one with a line that is not understood. */
export async function readInjuryReport(bytes: Uint8Array): Promise<InjuryReport> {
  const table = await readTable(bytes, HEADERS);
  const lines = table.lines.filter(line => !isPageNumber(line));
  const isPart = ({cells}: TableLine): boolean =>
    !isNotSubmitted(cells) && HEADERS.every(header => header === 'Reason' || cells[header] === '');
  const rows = lines.filter(line => !isPart(line));
  const parts = Map.groupBy(lines.filter(isPart), part => nearest(rows, part));
  let above: TableLine['cells'] = {};
  const read = rows.map(row => {
    const repeated = Object.fromEntries(
      HEADERS.slice(0, 4).map(header => [header, row.cells[header] || above[header] || '']),
    );
    above = repeated;
    return lineOf({...row.cells, ...repeated, Reason: reasonOf(row, parts.get(row) ?? [])});
  });
  return {date: dateIn(table.title), lines: read};
}

function dateIn(title: string): string {
  const [, month, day, year] = /InjuryReport:(\d\d)\/(\d\d)\/(\d\d)/.exec(title) ?? [];
  if (year === undefined) throw new Error(`The injury report does not say of which day it is: '${title}'.`);
  return `20${year}-${month}-${day}`;
}

function isPageNumber({cells}: TableLine): boolean {
  return /^Page\d+of\d+$/.test(Object.values(cells).join('').replaceAll(' ', ''));
}

function isNotSubmitted(cells: TableLine['cells']): boolean {
  return cells['Reason']?.replaceAll(' ', '') === 'NOTYETSUBMITTED';
}

/** A reason of several lines stands around the line of its row. */
function nearest(rows: readonly TableLine[], part: TableLine): TableLine | undefined {
  const distance = (row: TableLine): number => Math.abs(row.y - part.y);
  return rows
    .filter(({page}) => page === part.page)
    .reduce<TableLine | undefined>(
      (best, row) => (best === undefined || distance(row) < distance(best) ? row : best),
      undefined,
    );
}

function reasonOf(row: TableLine, parts: readonly TableLine[]): string {
  return [row, ...parts]
    .toSorted((a, b) => b.y - a.y)
    .map(({cells}) => cells['Reason'] ?? '')
    .filter(Boolean)
    .join(' ');
}

function lineOf(cells: TableLine['cells']): ReportLine {
  const [month, day, year] = (cells['Game Date'] ?? '').split('/');
  const [visitor, home] = (cells['Matchup'] ?? '').split('@');
  const [player, status] = [cells['Player Name'] ?? '', cells['Current Status'] ?? ''];
  const isKnown = isNotSubmitted(cells) ? player === '' : player !== '' && status !== '';
  if (!isKnown || year === undefined || visitor === undefined || home === undefined)
    throw new Error(`A line of the injury report is not understood: ${JSON.stringify(cells)}.`);
  const isTold = player !== '';
  return {
    date: `${year}-${month}-${day}`,
    matchup: [visitor, home],
    team: cells['Team'] ?? '',
    player: isTold ? nameOf(player) : null,
    status: isTold ? status : NOT_SUBMITTED,
    reason: isTold ? cells['Reason'] || null : null,
  };
}

/** `Jackson Jr., Jaren` is Jaren Jackson Jr. */
function nameOf(printed: string): string {
  const [family = '', ...first] = printed.split(',').map(part => part.trim());
  return [...first, family].join(' ').trim();
}
