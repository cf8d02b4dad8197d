/**
 * Runs as people read them: a line each, or one with its outcomes and failures.
 * It does not deal with a run that goes on (print-progress.ts).
 */

import {bytesText, counted, durationText, number} from '../planner/amount.ts';
import {addBilled} from '../planner/billed.ts';
import {OUTCOMES} from '../planner/ledger.ts';
import {billedSentence, type Price, usdOf, usdText} from '../report/billed-text.ts';
import {groupBy} from '../report/group.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {causesByAsset, causeText, isAboutAll, unbegunText} from '../report/run-causes.ts';
import {clockTime, visible, wrap} from '../report/text.ts';
import type {OutcomeCounts} from '../runner/event.ts';
import type {Asking, AttemptRecord, FoundRun, RunKind, RunRecord} from '../runner/ledger-run.ts';
import type {Paint} from './paint.ts';
import {printCounts} from './print-outcomes.ts';
import {printTable} from './table.ts';

export interface RunsView {
  readonly runs: readonly RunRecord[];
  /** Ids of those whose processes live. */
  readonly atWork: ReadonlySet<string>;
  readonly now: number;
  readonly width: number;
  readonly paint: Paint;
}

/** The newest first; no outcome is cut away. Ends with a line break. */
export function printRuns({runs, atWork, now, paint}: RunsView): string {
  if (runs.length === 0) return 'No run yet: `gameplan materialize` starts one.\n';
  return printTable(
    {
      columns: ['run', 'started', 'ago', 'status', 'took', 'outcomes'],
      rows: runs.map(({id, startedAt, kind, by, why, end}) => [
        id,
        clockTime(startedAt, undefined),
        durationText(Math.max(0, now - startedAt)),
        end?.status ?? (atWork.has(id) ? 'at work' : 'died'),
        end === undefined ? '' : durationText(end.endedAt - startedAt),
        resultText({kind, by, why, end}),
      ]),
    },
    paint,
    Number.POSITIVE_INFINITY,
  );
}

/** Of a correction nothing was made: how many were corrected, and how. */
function outcomesText(kind: RunKind | undefined, counts: OutcomeCounts): string {
  return isMaking(kind) ? printCounts(counts) : correctedText(kind, counts.requested);
}

type Correction = Exclude<RunKind, 'run' | 'copy'>;

/** Whether partitions were made or carried, and not only corrected. */
function isMaking(kind: RunKind | undefined): kind is 'run' | 'copy' | undefined {
  return kind === undefined || kind === 'run' || kind === 'copy';
}

function correctedText(kind: Correction, count: number): string {
  return `${number(count)} ${CORRECTED[kind]}`;
}

const CORRECTED = {forget: 'forgotten', mark: 'marked fresh', adopt: 'taken over'} as const;

function resultText({kind, end, ...purpose}: Pick<RunRecord, 'kind' | 'end' | 'by' | 'why'>): string {
  const who = purposeText(purpose);
  if (end === undefined) return who;
  const outcomes = outcomesText(kind, end.counts);
  return who === '' ? outcomes : `${outcomes}${isMaking(kind) ? ';' : ''} ${who}`;
}

/** Who asked for what no plan would do, and why; empty for a run like any other. */
function purposeText({by, why}: Pick<RunRecord, 'by' | 'why'>): string {
  const reason = why === undefined ? '' : `: ${visible(why)}`;
  return by === undefined ? '' : `by ${visible(by)}${reason}`;
}

/** That somebody ended it, of which its outcomes tell nothing. */
export function askingText({at, times, by}: Asking): string {
  const what = times === 1 ? 'asked to end' : 'asked to cancel what is at work';
  return `${what} ${clockTime(at, undefined)}${by === undefined ? '' : ` by ${visible(by)}`}`;
}

/** Who made how many of them, where a run handed out its work. */
function workersText({
  id,
  attempts,
  workers = [],
}: Pick<FoundRun, 'id' | 'attempts' | 'workers'>): readonly string[] {
  if (workers.length === 0) return [];
  const made = (by: string): number => attempts.filter(({worker = id}) => worker === by).length;
  const all = workers.map(
    ({session, host, pid}) => `process ${pid} on ${visible(host)} (${number(made(session))})`,
  );
  return [
    `handed to ${counted(workers.length, 'worker')}: ${all.join(', ')}; made by itself: ${number(made(id))}`,
  ];
}

type BilledRun = Pick<RunView['run'], 'attempts' | 'expectedBytes'>;

export interface RunView {
  readonly run: RunRecord & Pick<FoundRun, 'attempts'> & Partial<Pick<FoundRun, 'asked' | 'workers'>>;
  readonly isAtWork: boolean;
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly price?: Price;
  readonly width: number;
  readonly paint: Paint;
}

/** Ends with a line break. */
export function printRun({run, isAtWork, keyOrder, price, width, paint}: RunView): string {
  const {id, command, startedAt, kind, end, attempts} = run;
  const purpose = purposeText(run);
  const ended =
    end === undefined
      ? whileOpen(isAtWork)
      : `${end.status} in ${durationText(end.endedAt - startedAt)}; ${outcomesText(kind, end.counts)}`;
  const head = [
    ...wrap(`${paint.name(`Run ${id}`)}: ${ended}`, width),
    `  started ${clockTime(startedAt, undefined)}`,
    ...wrap(visible(command), width - 2).map(line => `  ${line}`),
    ...(purpose === '' ? [] : wrap(purpose, width - 2).map(line => `  ${line}`)),
    ...(run.asked ?? []).flatMap(asking => wrap(askingText(asking), width - 2).map(line => `  ${line}`)),
    ...workersText(run).flatMap(text => wrap(text, width - 2).map(line => `  ${line}`)),
    ...billedLines(run, price).flatMap(text => wrap(text, width - 2).map(line => `  ${line}`)),
  ].join('\n');
  const billed = billedColumns(run, price);
  const assets = [...groupBy(attempts, ({asset}) => asset)].map(([asset, own]) => {
    const byOutcome = groupBy(own, ({outcome}) => outcome);
    const outcomes = OUTCOMES.flatMap(outcome => {
      const same = byOutcome.get(outcome) ?? [];
      return same.length === 0 ? [] : [`${number(same.length)} ${outcome}`];
    });
    const spent = own.reduce((sum, {durationMs}) => sum + durationMs, 0);
    const told = isMaking(kind) ? outcomes.join(', ') : correctedText(kind, own.length);
    return [
      asset,
      told,
      sumOf(own, 'rows'),
      sumOf(own, 'retries'),
      durationText(spent),
      ...billed.cells(asset, own),
    ];
  });
  const table =
    assets.length === 0
      ? []
      : [
          printTable(
            {columns: ['asset', 'outcomes', 'rows', 'retries', 'spent', ...billed.names], rows: assets},
            paint,
            Number.POSITIVE_INFINITY,
          ).trimEnd(),
        ];
  return `${[head, ...table, ...troubles(attempts, {keyOrder, width, paint})].join('\n\n')}\n`;
}

/** What the whole run was billed, and what was expected; nothing where the engine bills nothing. */
export function billedLines({attempts, expectedBytes}: BilledRun, price: Price): readonly string[] {
  const billed = addBilled(attempts.map(attempt => attempt.billed));
  if (billed === undefined) return [];
  const expected = Object.values(expectedBytes ?? {}).reduce((sum, each) => sum + each, 0);
  return [billedSentence('billed', billed, {price, expected: expected === 0 ? undefined : expected})];
}

/** The columns of what each asset was billed; none where the engine bills nothing. */
export function billedColumns(
  {attempts, expectedBytes = {}}: BilledRun,
  price: Price,
): {
  readonly names: readonly string[];
  readonly cells: (asset: string, own: readonly AttemptRecord[]) => readonly string[];
} {
  if (attempts.every(({billed}) => billed === undefined)) return {names: [], cells: () => []};
  const hasExpected = Object.keys(expectedBytes).length > 0;
  return {
    names: ['billed', ...(hasExpected ? ['expected'] : []), 'slots', ...(price === undefined ? [] : ['USD'])],
    cells: (asset, own) => {
      const billed = addBilled(own.map(attempt => attempt.billed));
      const expected = expectedBytes[asset];
      return [
        billed === undefined ? '' : bytesText(billed.bytesBilled),
        ...(hasExpected ? [expected === undefined ? '' : bytesText(expected)] : []),
        billed === undefined ? '' : durationText(billed.slotMs),
        ...(price === undefined
          ? []
          : [billed === undefined ? '' : usdText(usdOf(billed.bytesBilled, price))]),
      ];
    },
  };
}

/** Empty for none. */
export function sumOf(attempts: readonly AttemptRecord[], of: 'rows' | 'retries'): string {
  const sum = attempts.reduce((total, attempt) => total + (attempt[of] ?? 0), 0);
  return sum === 0 ? '' : number(sum);
}

/** Of a run that has not ended. */
export function whileOpen(isAtWork: boolean): string {
  return isAtWork
    ? 'at work; this is what it did so far'
    : 'its process died; the next run goes on from here';
}

/** What did not succeed, each cause once. */
function troubles(
  attempts: readonly AttemptRecord[],
  {keyOrder, width, paint}: Pick<RunView, 'keyOrder' | 'width' | 'paint'>,
): readonly string[] {
  return causesByAsset(attempts).map(({first, attempts: same}) => {
    const {asset, outcome} = first;
    const lines = wrap(visible(causeText(first)), width - 6).map(line => `      ${line}`);
    if (first.reasons.some(isAboutAll)) {
      const assets = new Set(same.map(each => each.asset));
      return [`${paint.bad(outcome)} ${unbegunText(same.length, assets.size)}`, ...lines].join('\n');
    }
    const keys = fitRanges(
      mergeRanges(
        same.map(({key}) => key),
        keyOrder(asset),
      ),
      width - asset.length - outcome.length - 12,
    );
    const head = `${paint.bad(outcome)} ${paint.name(asset)} (${counted(same.length, 'partition')})  ${keys}`;
    return [head, ...lines].join('\n');
  });
}
