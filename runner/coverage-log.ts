/**
 * What the log of sources is told of an attempt: sources that failed, what stood in for them, checks that did not hold.
 * It does not deal with how the log is kept (ledger-coverage.ts).
 */

import {acceptedGames} from '../planner/accepted.ts';
import {scoreText} from '../planner/amount.ts';
import {type CoverageEvent, EVENT_SEVERITY, type EventKind, type Try} from '../planner/coverage-event.ts';
import type {AssetFrame} from '../planner/frame.ts';
import {isOutside} from '../planner/making.ts';
import {ownScore, scoreFrom} from '../planner/quality.ts';
import {sentence} from '../planner/sentence.ts';
import {FAILURE_EVENTS} from './failure.ts';
import type {MadeResult, Result} from './finish.ts';
import type {PartitionOutcome} from './ledger-row.ts';
import type {Job} from './schedule.ts';
import type {Stage} from './workshop.ts';

interface Attempt {
  readonly asset: AssetFrame;
  readonly job: Job;
  readonly result: Result | undefined;
  readonly tried: ReadonlyMap<number, readonly Try[]> | undefined;
}

/** In the order in which it happened. */
export function eventsOf(stage: Stage, {asset, job, result, tried}: Attempt): readonly CoverageEvent[] {
  if (result === undefined || result.outcome === 'cancelled') return [];
  const at = stage.clock();
  const tell = (
    kind: EventKind,
    detail: string,
    about: {source?: string; game?: string; severity?: CoverageEvent['severity']} = {},
  ): CoverageEvent => ({
    at,
    run: stage.run,
    asset: asset.asset.name,
    key: job.key,
    game: about.game,
    kind,
    severity: about.severity ?? EVENT_SEVERITY[kind],
    source: about.source,
    detail,
  });
  const tries = tried?.get(job.ordinal) ?? [];
  return [
    ...tries.flatMap(each => triedEvent(each, tell)),
    ...('error' in result
      ? failedEvents(asset, result, tries, tell)
      : madeEvents(stage, {asset, ordinal: job.ordinal}, result, tell)),
  ];
}

type Tell = (
  kind: EventKind,
  detail: string,
  about?: {source?: string; game?: string; severity?: CoverageEvent['severity']},
) => CoverageEvent;

/** Of a source that gave less than all. */
function triedEvent({outcome, source, found, expected, detail}: Try, tell: Tell): readonly CoverageEvent[] {
  switch (outcome) {
    case 'covered':
      return [];
    case 'partial':
      return [tell('source-degraded', `${found ?? 0} of ${expected ?? 0} games`, {source})];
    case 'rejected':
      return [tell('source-degraded', detail ?? 'rejected by a check', {source})];
    default:
      return [tell(FAILURE_EVENTS[outcome], detail ?? 'no answer', {source})];
  }
}

function failedEvents(
  {asset}: AssetFrame,
  {error, failure, violations = []}: Extract<Result, {error: string}>,
  tries: readonly Try[],
  tell: Tell,
): readonly CoverageEvent[] {
  if (violations.length > 0) return violations.map(violation => checkEvent(violation, tell));
  if (asset.cascade !== undefined && tries.length > 0) return [tell('fallback-failed', error)];
  if (isOutside(asset.making.kind)) return [tell(FAILURE_EVENTS[failure ?? 'error'], error)];
  return failure === 'empty' ? [tell('silent-failure', error)] : [];
}

function madeEvents(
  {frame}: Stage,
  {asset: found, ordinal}: {readonly asset: AssetFrame; readonly ordinal: number},
  {coverage, trust, rows}: MadeResult,
  tell: Tell,
): readonly CoverageEvent[] {
  const {asset} = found;
  const lower = trust.sources.flatMap(({name, games}) => {
    const rank = asset.cascade?.sources.findIndex(source => source.name === name) ?? 0;
    if (rank <= 0) return [];
    const kind = asset.cascade?.sources[rank]?.query === undefined ? 'fallback-used' : 'reconstructed';
    if (games === 'all') return [tell(kind, `all of its rows are of '${name}'`, {source: name})];
    return games.map(game => tell(kind, `its rows are of '${name}'`, {source: name, game}));
  });
  const absent =
    asset.cascade === undefined
      ? (coverage?.absent ?? []).map(game => tell('source-degraded', 'not in the answer', {game}))
      : [];
  const accepted = acceptedGames(frame, found, ordinal);
  const lacking = (coverage?.absent ?? []).filter(game => !accepted.has(game)).length;
  const held = coverage?.found ?? 1;
  const score = scoreFrom(trust.ceiling, {held, expected: held + lacking}, trust.warned);
  const before = found.published[ordinal] === 1 ? ownScore(found, ordinal) : score;
  const needed = asset.gate === undefined ? 100 : found.quality.inputsAt(found, ordinal);
  const isNothing = rows === 0 || (coverage !== undefined && coverage.expected > 0 && coverage.found === 0);
  return [
    ...lower,
    ...absent,
    ...trust.warned.map(({check, count}) =>
      tell('check-failed', `${check}: ${count} rows`, {severity: 'warning'}),
    ),
    ...(score < before ? [tell('quality-fell', `from ${scoreText(before)} to ${scoreText(score)}`)] : []),
    ...(asset.gate !== undefined && needed < asset.gate
      ? [
          tell(
            'manual-override',
            `made of inputs that score ${scoreText(needed)}, below its gate of ${asset.gate}`,
          ),
        ]
      : []),
    ...(isNothing && asset.empty === 'error'
      ? [tell('silent-failure', 'it was made, and holds nothing')]
      : []),
  ];
}

function checkEvent(
  {
    check,
    message,
    severity,
  }: {readonly check: string; readonly message: string; readonly severity: 'error' | 'warn'},
  tell: Tell,
): CoverageEvent {
  return tell('check-failed', `${check}: ${message}`, {severity: severity === 'error' ? 'error' : 'warning'});
}

/** Of partitions that were skipped because too little of what they need is there, or it is not good enough. */
export function skippedEvents(
  run: string,
  {asset, key, outcome, reasons, endedAt}: PartitionOutcome,
): readonly CoverageEvent[] {
  const kind = 'insufficient-sample';
  const because = reasons.find(reason => reason.kind === 'upstream-partial' || reason.kind === 'gate');
  if (outcome !== 'skipped' || because === undefined) return [];
  const base = {at: endedAt, run, asset, key, game: undefined, source: undefined};
  return [{...base, kind, severity: EVENT_SEVERITY[kind], detail: sentence(because)}];
}
