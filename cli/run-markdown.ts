/**
 * The report of a run as Markdown, to be kept or put into a ticket: outcomes, what went wrong by its cause, the slowest,
 * sources, and every partition. It does not deal with terminals (print-runs.ts).
 */

import {counted, durationText, number} from '../planner/amount.ts';
import {OUTCOMES} from '../planner/ledger.ts';
import {groupBy} from '../report/group.ts';
import {fitRanges, mergeRanges} from '../report/ranges.ts';
import {causesByAsset, causeText, isAboutAll, unbegunText} from '../report/run-causes.ts';
import {clockTime, visible} from '../report/text.ts';
import type {RecordedTry} from '../runner/ledger-coverage.ts';
import type {AttemptRecord} from '../runner/ledger-run.ts';
import {printCounts} from './print-outcomes.ts';
import {askingText, billedColumns, billedLines, type RunView, sumOf, whileOpen} from './print-runs.ts';

const SLOWEST = 10;
/** Keys are told as ranges, up to so many letters. */
const KEYS = 200;

/** Ends with a line break. */
export function runMarkdown({
  run,
  isAtWork,
  tries,
  keyOrder,
  price,
}: Pick<RunView, 'run' | 'isAtWork' | 'keyOrder' | 'price'> & {
  readonly tries: readonly RecordedTry[];
}): string {
  const {id, command, startedAt, end, attempts, by, why} = run;
  const ended =
    end === undefined
      ? whileOpen(isAtWork)
      : `${end.status} in ${durationText(end.endedAt - startedAt)}; ${printCounts(end.counts)}`;
  const purpose =
    by === undefined ? [] : [`By ${plain(by)}${why === undefined ? '' : `: ${plain(why)}`}.`, ''];
  return `${[
    `# Run ${id}`,
    '',
    `${plain(ended)}. Started ${clockTime(startedAt, undefined)}.`,
    '',
    ...purpose,
    ...(run.asked ?? []).flatMap(asking => [`${plain(askingText(asking).replace('asked', 'Asked'))}.`, '']),
    code(command),
    '',
    ...billedLines(run, price).flatMap(line => [`${plain(line.replace('billed', 'Billed'))}`, '']),
    ...outcomes(run, price),
    ...troubles(attempts, keyOrder),
    ...slowest(attempts),
    ...sources(tries),
    ...everyPartition(attempts),
  ].join('\n')}\n`;
}

function outcomes(run: RunView['run'], price: RunView['price']): readonly string[] {
  const {attempts} = run;
  const billed = billedColumns(run, price);
  if (attempts.length === 0) return [];
  const used = OUTCOMES.filter(outcome => attempts.some(attempt => attempt.outcome === outcome));
  const rows = [...groupBy(attempts, ({asset}) => asset)].map(([asset, own]) => [
    asset,
    ...used.map(outcome => {
      const count = own.filter(attempt => attempt.outcome === outcome).length;
      return count === 0 ? '' : number(count);
    }),
    sumOf(own, 'rows'),
    sumOf(own, 'retries'),
    durationText(own.reduce((sum, {durationMs}) => sum + durationMs, 0)),
    ...billed.cells(asset, own),
  ]);
  const names = ['asset', ...used, 'rows', 'retries', 'spent', ...billed.names];
  return ['## Outcomes', '', ...table(names, rows), ''];
}

function troubles(attempts: readonly AttemptRecord[], keyOrder: RunView['keyOrder']): readonly string[] {
  const causes = causesByAsset(attempts);
  if (causes.length === 0) return [];
  const lines = causes.map(({first, attempts: same}) => {
    const keys = fitRanges(
      mergeRanges(
        same.map(({key}) => key),
        keyOrder(first.asset),
      ),
      KEYS,
    );
    const cause = causeText(first);
    const because = cause === '' ? '' : `: ${plain(cause)}`;
    if (first.reasons.some(isAboutAll)) {
      const assets = new Set(same.map(({asset}) => asset));
      return `- **${first.outcome}** ${unbegunText(same.length, assets.size)}${because}`;
    }
    return `- **${first.outcome}** ${first.asset}, ${counted(same.length, 'partition')} (${keys})${because}`;
  });
  return ['## What was not made', '', ...lines, ''];
}

function slowest(attempts: readonly AttemptRecord[]): readonly string[] {
  const slow = attempts
    .filter(({durationMs}) => durationMs > 0)
    .toSorted((one, other) => other.durationMs - one.durationMs)
    .slice(0, SLOWEST);
  if (slow.length === 0) return [];
  const rows = slow.map(({asset, key, durationMs, rows: made, retries}) => [
    `${asset}@${key}`,
    durationText(durationMs),
    made === undefined ? '' : number(made),
    retries === 0 ? '' : number(retries),
  ]);
  return ['## Slowest', '', ...table(['partition', 'spent', 'rows', 'retries'], rows), ''];
}

function sources(tries: readonly RecordedTry[]): readonly string[] {
  if (tries.length === 0) return [];
  const rows = [...groupBy(tries, ({asset, source}) => `${asset}\n${source}`)].map(([name, own]) => {
    const counts = [...groupBy(own, ({outcome}) => outcome)].map(
      ([outcome, same]) => `${number(same.length)} ${outcome}`,
    );
    return [...name.split('\n'), counts.join(', ')];
  });
  return ['## Sources asked', '', ...table(['asset', 'source', 'came to'], rows), ''];
}

function everyPartition(attempts: readonly AttemptRecord[]): readonly string[] {
  const rows = attempts.map(attempt => [
    `${attempt.asset}@${attempt.key}`,
    attempt.outcome,
    durationText(attempt.durationMs),
    attempt.rows === undefined ? '' : number(attempt.rows),
    attempt.retries === 0 ? '' : number(attempt.retries),
    plain(causeText(attempt)),
  ]);
  if (rows.length === 0) return [];
  return [
    `<details><summary>${counted(rows.length, 'partition')}</summary>`,
    '',
    ...table(['partition', 'outcome', 'spent', 'rows', 'retries', 'why'], rows),
    '',
    '</details>',
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** What others wrote must not be taken for Markdown or HTML. */
function plain(text: string): string {
  return visible(text).replaceAll(/[\\`*_[\]<>|]/g, sign => `\\${sign}`);
}

/** A fence longer than any in the text. */
function code(text: string): string {
  const ticks = '`'.repeat(1 + Math.max(2, ...(text.match(/`+/g) ?? []).map(run => run.length)));
  return `${ticks}\n${visible(text)}\n${ticks}`;
}
