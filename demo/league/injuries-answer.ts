// The league's injury report as a PDF: who may not play on a date and the next, as known at a moment of it.
// Does not deal with who is hurt.
import {easternOfUtc} from './calendar.ts';
import type {Game, Injury, TeamInjuries} from './game.ts';
import type {ReportQuestion} from './other-question.ts';
import {type PlacedText, pageSize, pdfOf} from './pdf.ts';
import {fullName, withoutAccents} from './spelling.ts';

/** A game with what its teams, the visitors first, have told. */
export interface ReportedGame {
  readonly game: Game;
  readonly teams: readonly TeamInjuries[];
}

const columns = [
  ['Game Date', 24],
  ['Game Time', 84],
  ['Matchup', 148],
  ['Team', 208],
  ['Player Name', 330],
  ['Current Status', 450],
  ['Reason', 540],
] as const;

/** Letters that a line of a reason may have. */
const reasonWidth = 44;
const lineHeight = 22;
const rowsPerPage = 22;

/** Cells of one row; what stands in the row above is blank. */
type Cells = readonly string[];

export function injuryReport(at: ReportQuestion, reported: readonly ReportedGame[]): string {
  const rows = withBlanks(reported.flatMap(rowsOf));
  const count = Math.max(1, Math.ceil(rows.length / rowsPerPage));
  const pages = Array.from({length: count}, (_, page) => {
    const top = pageSize.height - 60;
    const own = rows.slice(page * rowsPerPage, (page + 1) * rowsPerPage);
    return [
      ...(page === 0 ? headOf(at, top) : []),
      ...own.flatMap((cells, index) => textsOf(cells, top - (index + 1) * lineHeight)),
      {x: pageSize.width - 80, y: 20, text: `Page ${page + 1} of ${count}`},
    ];
  });
  return pdfOf(pages);
}

function headOf({date, minutes}: ReportQuestion, y: number): PlacedText[] {
  const [year = '', month, day] = date.split('-');
  const hours = Math.floor(minutes / 60);
  const clock = [hours % 12 || 12, minutes % 60].map(part => String(part).padStart(2, '0')).join(':');
  const title = `Injury Report: ${month}/${day}/${year.slice(2)} ${clock} ${hours < 12 ? 'AM' : 'PM'}`;
  return [{x: 300, y: y + 24, text: title}, ...columns.map(([text, x]) => ({x, y, text}))];
}

function rowsOf({game, teams}: ReportedGame): Cells[] {
  const [year, month, day] = game.date.split('-');
  const head = [
    `${month}/${day}/${year}`,
    clockOf(game),
    `${game.away.team.tricode}@${game.home.team.tricode}`,
  ];
  return teams.flatMap(({team, injuries}) => {
    const own = [...head, fullName(team)];
    return injuries === undefined
      ? [[...own, '', '', 'NOT YET SUBMITTED']]
      : injuries.map(injury => [...own, nameOf(injury), injury.status, injury.reason]);
  });
}

/** `07:30 (ET)`, in twelve hours without a word for the half of the day. */
function clockOf({startUtc}: Game): string {
  if (startUtc === undefined) return 'TBD';
  const [hours = 0, minutes = 0] = easternOfUtc(startUtc).slice(11, 16).split(':').map(Number);
  const shown = [hours % 12 || 12, minutes].map(part => String(part).padStart(2, '0')).join(':');
  return `${shown} (ET)`;
}

function nameOf({firstName, familyName}: Injury): string {
  return withoutAccents(`${familyName}, ${firstName}`);
}

/** Date, time, match-up and team are printed where they change. */
function withBlanks(rows: readonly Cells[]): Cells[] {
  return rows.map((cells, index) => {
    const before = rows[index - 1] ?? [];
    const same = cells.findIndex((cell, at) => at > 3 || cell !== before[at]);
    return cells.map((cell, at) => (at < Math.min(same, 4) ? '' : cell));
  });
}

/** A reason that is too long for its column has two lines, one above and one below the row's own. */
function textsOf(cells: Cells, y: number): PlacedText[] {
  return cells.flatMap((text, at) => {
    const x = columns[at]?.[1] ?? 0;
    if (text === '') return [];
    const cut = text.lastIndexOf(' ', reasonWidth);
    if (at < 6 || text.length <= reasonWidth) return [{x, y, text}];
    return [
      {x, y: y + 5, text: text.slice(0, cut)},
      {x, y: y - 5, text: text.slice(cut + 1)},
    ];
  });
}
