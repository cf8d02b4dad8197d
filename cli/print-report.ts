/**
 * The coverage tracker as CSV or JSON.
 * It does not deal with what is counted (planner/coverage-report.ts).
 */
import type {CoverageLine} from '../planner/coverage-report.ts';
import {COLUMNS, type ReportView} from '../report/coverage-markdown.ts';
import {jsonText} from '../report/frame-view.ts';
import {printCsv, type TableData} from './table.ts';

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
