/**
 * A run's progress and its end as text.
 * It does not deal with when to print (watch.ts) nor with gathering events (progress.ts).
 */

import {counted, durationText, number} from '../planner/amount.ts';
import {OUTCOMES} from '../planner/ledger.ts';
import {sentence} from '../planner/sentence.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {isAboutAll, unbegunText} from '../report/run-causes.ts';
import {cut, padEnd, padStart, visible, wrap} from '../report/text.ts';
import type {Event} from '../runner/event.ts';
import type {Paint} from './paint.ts';
import {printCounts} from './print-outcomes.ts';
import type {Failure, Progress, Skip} from './progress.ts';

export interface ProgressView {
  readonly progress: Progress;
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly width: number;
  readonly paint: Paint;
  readonly now: number;
}

/** At most so many assets at work have a line of their own. */
const MOST_ASSETS = 8;

/** The lines that a terminal shows while the run goes on. */
export function printFrame({progress, width, paint, now}: ProgressView): readonly string[] {
  const facts = factsOf(progress, now).join(' · ');
  const room = Math.min(40, width - facts.length - 3);
  const bar = room >= 10 ? `${paint.good(barOf(progress, room))} ` : '';
  const assets = [...progress.active].slice(0, MOST_ASSETS).map(([asset, keys]) => {
    const [first] = [...keys].toSorted();
    const more = keys.size > 1 ? ` and ${number(keys.size - 1)} more` : '';
    const retry = progress.retrying.get(asset);
    const trouble = retry === undefined ? '' : `  retrying ${visible(retry)}`;
    return cut(`  ${asset}@${first}${more}${trouble}`, width);
  });
  const others = progress.active.size - assets.length;
  return [
    cutLine(bar + facts, bar === '' ? width : undefined),
    ...assets,
    ...(others > 0 ? [`  and ${counted(others, 'more asset')}`] : []),
  ];
}

function cutLine(text: string, width: number | undefined): string {
  return width === undefined ? text : cut(text, width);
}

/** The same without a terminal, as one line. */
export function printTick({progress, width, now}: ProgressView): string {
  const facts = [durationText(now - progress.startedAt), ...factsOf(progress, now)].join(' · ');
  const assets = [...progress.active.keys()].map(asset => asset + lasting(asset, progress, now)).join(', ');
  return cut(assets === '' ? facts : `${facts} · at work: ${assets}`, Math.max(width, facts.length));
}

/** After how long it is worth a word that something is at work. Milliseconds. */
const LONG_MS = 10_000;

function lasting(asset: string, {since}: Progress, now: number): string {
  const spent = now - (since.get(asset) ?? now);
  return spent < LONG_MS ? '' : ` (for ${durationText(spent)})`;
}

function factsOf(progress: Progress, now: number): readonly string[] {
  const {done, requested, rate, interrupted, failures} = progress;
  const failed = failures.reduce((sum, {keys}) => sum + keys.length, 0);
  const left = Math.max(0, requested - done);
  const eta =
    rate === undefined || rate === 0 || left === 0 ? [] : [`ETA ${durationText((left / rate) * 1000)}`];
  return [
    `${number(done)}/${number(requested)}`,
    requested === 0 ? '100%' : `${Math.min(100, Math.floor((100 * done) / requested))}%`,
    ...(rate === undefined ? [durationText(now - progress.startedAt)] : [`${rateText(rate)}/s`]),
    ...(interrupted > 0 ? ['stopping'] : eta),
    ...(failed > 0 ? [`${number(failed)} failed`] : []),
  ];
}

function rateText(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : number(Math.round(rate));
}

function barOf({done, requested}: Progress, width: number): string {
  const filled = requested === 0 ? width : Math.min(width, Math.floor((width * done) / requested));
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** The first failure of its cause, when it happens. */
export function printFailure({asset, outcome, keys, error}: Failure, {width, paint}: ProgressView): string {
  const head = `${outcome} ${asset}@${keys[0]}: `;
  const [first = '', ...rest] = wrap(head + visible(error), width - 2);
  return [paint.bad(first), ...rest.map(line => `  ${paint.bad(line)}`)].join('\n');
}

/** That another process holds the warehouse. */
export function printWaiting(holder: string, {width}: Pick<ProgressView, 'width'>): string {
  return wrap(`Waiting for the warehouse, which is held by ${visible(holder)}.`, width).join('\n');
}

/** Who makes what is handed out. */
export function printSpreading(
  {workers, others}: Extract<Event, {kind: 'spreading'}>,
  {width}: Pick<ProgressView, 'width'>,
): string {
  const own =
    workers === 0
      ? "No worker is at work, so this run makes everything itself until one comes: start one with 'gameplan worker'."
      : `${counted(workers, 'worker')} at work: what they can make is handed to them.`;
  const odd =
    others === 0
      ? ''
      : ` ${counted(others, 'worker')} with another version of the project or of gameplan, or with another store: nothing is handed there. Bring them to the same commit.`;
  return wrap(`${own}${odd}`, width).join('\n');
}

/** How to go on with what is left; `ifFailed` is said besides where something failed. */
export interface Retry {
  readonly again: string;
  readonly ifFailed?: string;
}

/** What the run came to: a table of assets, then every failure with its cause, what was passed over, and how to go on. */
export function printEnd(view: ProgressView & {readonly retry: Retry}): string {
  const {progress, width, paint} = view;
  const sections = [
    ...(progress.assets.size === 0 ? [] : [printTable(view)]),
    ...progress.failures.map(failure => printFailures(failure, view)),
    ...printSkips(view),
    ...printWarnings(view),
    printLast(view),
  ];
  const hasFailed = progress.failures.length > 0;
  const isHeld = progress.failures.some(({outcome}) => outcome === 'quarantined');
  const held = isHeld ? " 'gameplan quarantine' shows the rows that checks held back." : '';
  const {again, ifFailed = ''} = view.retry;
  const how = hasFailed ? `${again}${ifFailed}` : again;
  const retry =
    hasFailed || progress.interrupted > 0
      ? wrap(`What succeeded stays.${held} To go on: ${how}`, width).map(line => paint.name(line))
      : [];
  return `${[...sections, ...(retry.length === 0 ? [] : [retry.join('\n')])].join('\n\n')}\n`;
}

function printTable({progress, paint}: ProgressView): string {
  const columns = OUTCOMES.filter(outcome =>
    [...progress.assets.values()].some(counts => (counts[outcome] ?? 0) > 0),
  );
  const name = Math.max(...[...progress.assets.keys()].map(asset => asset.length));
  const cell = (outcome: string) => Math.max(outcome.length, 9) + 2;
  const head = `${' '.repeat(name)}${columns.map(outcome => padStart(outcome, cell(outcome))).join('')}`;
  const rows = [...progress.assets].map(([asset, counts]) => {
    const cells = columns.map(outcome => {
      const amount = counts[outcome] ?? 0;
      const bad = outcome === 'failed' || outcome === 'quarantined';
      const text = amount === 0 ? '' : number(amount);
      return padStart(bad ? paint.bad(text) : text, cell(outcome));
    });
    return `${padEnd(asset, name)}${cells.join('')}`.trimEnd();
  });
  return [paint.quiet(head), ...rows].join('\n');
}

function printFailures(
  {asset, outcome, error, keys}: Failure,
  {keyOrder, width, paint}: ProgressView,
): string {
  const head = `${paint.bad(outcome)} ${paint.name(asset)} (${number(keys.length)})  `;
  const ranges = fitRanges(mergeRanges(keys, keyOrder(asset)), width - outcome.length - asset.length - 12);
  return [head + ranges, ...wrap(visible(error), width - 6).map(line => `      ${line}`)].join('\n');
}

function printSkips({progress, keyOrder, width, now}: ProgressView): readonly string[] {
  if (progress.skips.length === 0) return [];
  const why = ({reasons}: Skip): readonly string[] =>
    wrap(visible(reasons.map(reason => sentence(reason, now)).join('; ')), width - 6).map(
      line => `      ${line}`,
    );
  const [unbegun = [], own = []] = [true, false].map(is =>
    progress.skips.filter(({reasons}) => reasons.some(isAboutAll) === is),
  );
  const lines = own.flatMap(skip => {
    const {asset, keys} = skip;
    const head = `skipped ${asset} (${number(keys.length)})  `;
    return [head + fitRanges(mergeRanges(keys, keyOrder(asset)), width - head.length), ...why(skip)];
  });
  const [first] = unbegun;
  const count = unbegun.reduce((sum, {keys}) => sum + keys.length, 0);
  const rest = first === undefined ? [] : [`skipped ${unbegunText(count, unbegun.length)}`, ...why(first)];
  return [[...lines, ...rest].join('\n')];
}

function printWarnings({progress, keyOrder, width, paint}: ProgressView): readonly string[] {
  if (progress.warnings.length === 0) return [];
  const lines = progress.warnings.flatMap(({asset, message, keys}) => {
    const head = `warning ${asset} (${number(keys.length)})  `;
    const ranges = fitRanges(mergeRanges(keys, keyOrder(asset)), width - head.length);
    return [paint.warn(head) + ranges, ...wrap(visible(message), width - 6).map(line => `      ${line}`)];
  });
  return [lines.join('\n')];
}

function printLast({progress, width}: ProgressView): string {
  const {ended, run, interrupted} = progress;
  if (ended === undefined) return `Run ${run} did not end.`;
  const stopped = interrupted > 0 ? ' It was interrupted.' : '';
  return wrap(
    `Run ${run}: ${printCounts(ended.counts)} in ${durationText(ended.durationMs)}.${stopped}`,
    width,
  ).join('\n');
}
