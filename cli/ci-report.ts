/**
 * What a change does to the pipeline, as one text for a pull request: mistakes, tests, and what becomes stale by it.
 * It finds none of that out (commands/ci.ts), and posts nothing (github.ts).
 */
import {counted, number} from '../planner/amount.ts';
import type {Annotation} from './annotation.ts';
import {type TestResult, testName} from './asset-tests.ts';

export interface CiReport {
  readonly annotations: readonly Annotation[];
  /** How many assets, and for which target; undefined where the project has mistakes. */
  readonly valid: string | undefined;
  /** Undefined: not run. */
  readonly tests: readonly TestResult[] | undefined;
  /** As Markdown. */
  readonly plan:
    | {readonly kind: 'table'; readonly text: string}
    | {readonly kind: 'refused'; readonly why: string}
    | undefined;
}

/** GitHub takes 65,536 letters of a comment. */
export const LONGEST_COMMENT = 65_000;

/** So many mistakes and failed tests are told one by one. */
const MOST_TOLD = 20;
const LONGEST_LINE = 500;

/** Ends with a line break, and is no longer than `most`. */
export function ciMarkdown({annotations, valid, tests, plan}: CiReport, most: number): string {
  const head = [...mistakes(annotations, valid), ...testLines(tests)].join('\n');
  if (plan === undefined) return head;
  const rest =
    plan.kind === 'table'
      ? plan.text
      : `What the change makes stale could not be told:\n\n${fenced([plan.why.trimEnd()])}\n`;
  return `${head}\n${fitTable(rest, most - head.length - 1)}`;
}

function mistakes(annotations: readonly Annotation[], valid: string | undefined): readonly string[] {
  const errors = annotations.filter(({severity}) => severity === 'error');
  const warnings = annotations.length - errors.length;
  const also = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  if (valid !== undefined) return [`### gameplan: ${valid}${also}`, ''];
  const lines = errors.map(({file, place, code, message}) => {
    const where = place === undefined ? file : `${file}:${place.line}:${place.column}`;
    return `${where} [${code}] ${message.split('\n')[0]}`;
  });
  return [`### gameplan: ${counted(errors.length, 'error')}${also}`, '', fenced(lines), ''];
}

function testLines(tests: readonly TestResult[] | undefined): readonly string[] {
  if (tests === undefined || tests.length === 0) return [];
  const failed = tests.filter(({differences}) => differences.length > 0);
  const counts = `Tests: ${number(tests.length - failed.length)} passed, ${number(failed.length)} failed.`;
  if (failed.length === 0) return [counts, ''];
  const lines = failed.map(each => `${testName(each)}: ${each.differences[0] ?? ''}`);
  return [counts, '', fenced(lines), ''];
}

/** Texts that anybody may have written, shown as they are: nothing in them is a mention, a link or a picture. */
function fenced(lines: readonly string[]): string {
  const shown = lines.slice(0, MOST_TOLD).map(line => line.slice(0, LONGEST_LINE));
  const more = lines.length - shown.length;
  const text = [...shown, ...(more > 0 ? [`… and ${number(more)} more`] : [])].join('\n');
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** Rows of the table go, from its end, until the rest fits: what stands below it is the sum. */
function fitTable(text: string, most: number): string {
  if (text.length <= most) return text;
  const lines = text.split('\n');
  const isRow = (line: string) => line.startsWith('| `');
  const rows = lines.filter(isRow);
  const fixed = lines.filter(line => !isRow(line)).join('\n').length;
  const room = most - fixed - 120;
  let [kept, taken] = [0, 0];
  for (const row of rows) {
    if (taken + row.length + 1 > room) break;
    taken += row.length + 1;
    kept++;
  }
  const left = rows.length - kept;
  let row = 0;
  const shown = lines.flatMap(line => {
    if (!isRow(line)) return [line];
    row++;
    if (row <= kept) return [line];
    return row === kept + 1 ? [`| … ${counted(left, 'asset')} more: see the job's summary | | | |`] : [];
  });
  return shown.join('\n').slice(0, most);
}
