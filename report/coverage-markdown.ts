/**
 * The coverage tracker as a Markdown table.
 * It does not deal with what is counted (planner/coverage-report.ts).
 */

import {ageText, number, percent} from '../planner/amount.ts';
import type {CoverageLine} from '../planner/coverage-report.ts';
import type {Head} from './head.ts';
import {clockTime, padEnd, padStart} from './text.ts';

export interface ReportView {
  readonly head: Head;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly lines: readonly CoverageLine[];
}

export const COLUMNS = [
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
    const since = oldest?.since === undefined ? '' : ` (${ageText(Math.max(0, now - oldest.since))})`;
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
