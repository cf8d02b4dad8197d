/**
 * How an event of the source coverage log ended. The log is never changed: that is worked out from what came later.
 * It does not deal with where events and publications are kept (runner/ledger-coverage.ts).
 */
import {acceptancesOf} from './accepted.ts';
import type {CoverageEvent, EventKind} from './coverage-event.ts';
import type {Frame} from './frame.ts';
import type {AcceptedGap, AssetName} from './pipeline.ts';

/** A run made a partition, or found it as it was. */
export interface PublishedBy {
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type Resolution =
  /** The first later publication in whose run the same did not happen again. */
  | ({readonly kind: 'published'} & PublishedBy)
  | {readonly kind: 'accepted'; readonly gap: AcceptedGap}
  | {readonly kind: 'open'}
  /** What someone did, or what was noted: there is nothing to resolve. */
  | {readonly kind: 'noted'};

const NOTED: ReadonlySet<EventKind> = new Set([
  'gap-accepted',
  'gap-reopened',
  'manual-override',
  'insufficient-sample',
]);

/** All that is known of what came later, of every partition that has an event. */
export interface Aftermath {
  /** By `asset@key`, the oldest first. */
  readonly publications: ReadonlyMap<string, readonly PublishedBy[]>;
  /** The names that `nameOf` gives all events of the log. */
  readonly happened: ReadonlySet<string>;
}

/** What happened to which partition in which run, without when and how. */
export function nameOf(
  {asset, key, game, kind, source, detail}: CoverageEvent,
  run: string | undefined,
): string {
  // Checks are told apart by the name that their message begins with.
  const check = kind === 'check-failed' ? detail.split(':')[0] : '';
  return JSON.stringify([asset, key, game, kind, source, check, run]);
}

export function resolutionOf(frame: Frame, event: CoverageEvent, aftermath: Aftermath): Resolution {
  if (NOTED.has(event.kind)) return {kind: 'noted'};
  const {asset, key, game, at, run} = event;
  const later = (aftermath.publications.get(`${asset}@${key}`) ?? []).find(
    each => each.at >= at && each.run !== run && !aftermath.happened.has(nameOf(event, each.run)),
  );
  if (later !== undefined) return {kind: 'published', ...later};
  // The log may know assets that are declared no more.
  const found = frame.assets.get(asset as AssetName);
  const ordinal = found?.ordinalOf.get(key);
  if (found === undefined || ordinal === undefined) return {kind: 'open'};
  const accepted = acceptancesOf(frame, found, ordinal).find(
    ({isExpired, gap: {games}}) =>
      !isExpired && (games.length === 0 || (game !== undefined && games.includes(game))),
  );
  return accepted === undefined ? {kind: 'open'} : {kind: 'accepted', gap: accepted.gap};
}
