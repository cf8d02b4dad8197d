/**
 * The coverage tracker as Markdown, CSV or JSON.
 * It does not deal with what is counted (planner/coverage-report.ts).
 */
import type {CoverageLine} from '../planner/coverage-report.ts';
import {jsonText} from '../report/frame-view.ts';
import type {Head} from '../report/head.ts';
import {age, clockTime, number, padEnd, padStart, percent} from '../report/text.ts';
import {printCsv, type TableData} from './table.ts';

export interface ReportView {
  readonly head: Head;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly lines: readonly CoverageLine[];
}

const COLUMNS = [
  'table',
  'season',
  'counts',
  'expected',
  'present',
  'percentage',
  'accepted',
  'open',
  'oldest',
];

/** Lined up, so that it reads as well where it is no page. */
export function reportMarkdown({head, now, lines}: ReportView): string {
  const rows = lines.map(({table, season, counts, expected, present, accepted, open, oldest}) => {
    const since = oldest?.since === undefined ? '' : ` (${age(Math.max(0, now - oldest.since))})`;
    const counted = [expected, present].map(number);
    const share = percent(present, expected);
    const rest = [accepted, open].map(number);
    return [
      table,
      season,
      counts,
      ...counted,
      share,
      ...rest,
      oldest === undefined ? '' : oldest.key + since,
    ];
  });
  const widths = COLUMNS.map((name, at) => Math.max(name.length, ...rows.map(row => row[at]?.length ?? 0)));
  const isNumber = (at: number) => at > 2 && at < 8;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (isNumber(at) ? padStart : padEnd)(cell, widths[at] ?? 0)).join(' | ')} |\n`;
  const rule = widths.map((width, at) => (isNumber(at) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const when = clockTime(now, head.calendars[0]?.timezone);
  return `# Coverage of ${head.pipeline} (${head.target}), ${when}\n\n${line(COLUMNS)}${line(rule)}${rows.map(line).join('')}`;
}

export function reportCsv({now, lines}: ReportView): string {
  const data: TableData = {
    columns: [...COLUMNS, 'oldest_days'],
    rows: lines.map(({table, season, counts, expected, present, accepted, open, oldest}) => [
      table,
      season,
      counts,
      expected,
      present,
      shareOf(present, expected),
      accepted,
      open,
      oldest?.key ?? null,
      daysSince(oldest, now),
    ]),
  };
  return printCsv(data);
}

/** Version 1; additive changes only. */
export function reportJson({head: {pipeline, target}, now, lines}: ReportView): string {
  return jsonText({
    version: 1,
    pipeline,
    target,
    now: new Date(now).toISOString(),
    tables: lines.map(({oldest, ...line}) => ({
      ...line,
      percentage: shareOf(line.present, line.expected),
      oldest:
        oldest === undefined
          ? null
          : {
              key: oldest.key,
              since: oldest.since === undefined ? null : new Date(oldest.since).toISOString(),
              days: daysSince(oldest, now),
            },
    })),
  });
}

/** Of a hundred, rounded down, so that 100 is the whole; null where nothing is expected. */
function shareOf(present: number, expected: number): number | null {
  return expected === 0 ? null : Math.floor((1000 * present) / expected) / 10;
}

function daysSince(oldest: CoverageLine['oldest'], now: number): number | null {
  return oldest?.since === undefined ? null : Math.max(0, Math.floor((now - oldest.since) / 86_400_000));
}
