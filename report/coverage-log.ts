/**
 * The source coverage log as a command asks for it: each event with how it ended, or game by game.
 * It reads no ledger (project.ts) and prints nothing.
 */

import {ageText} from '../planner/amount.ts';
import {type CoverageEvent, SEVERITIES, type Severity} from '../planner/coverage-event.ts';
import {type AssetFrame, type Frame, trustAt} from '../planner/frame.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {type Aftermath, type Resolution, resolutionOf} from '../planner/resolution.ts';
import {unreachable} from '../planner/unreachable.ts';

export interface ResolvedEvent {
  readonly event: CoverageEvent;
  readonly resolution: Resolution;
}

export function resolveEvents(
  frame: Frame,
  events: readonly CoverageEvent[],
  aftermath: Aftermath,
): readonly ResolvedEvent[] {
  return events.map(event => ({event, resolution: resolutionOf(frame, event, aftermath)}));
}

/** All that the log says of one game, over every asset. */
export interface GameSummary {
  readonly game: string;
  readonly date: string;
  readonly teams: readonly string[];
  /** Of all its events, also of those that are resolved. */
  readonly worst: Severity;
  /** What rows were taken from, as `asset: source`. */
  readonly sources: readonly string[];
  /** The least score of the partitions that count games and hold it; undefined where there are none. */
  readonly score: number | undefined;
  readonly events: number;
  /** Events that are not resolved, the newest first. */
  readonly open: readonly CoverageEvent[];
}

/** The newest date first. An event of a whole date is one of each of its games. */
export function gamesOf(
  frame: Frame,
  resolved: readonly ResolvedEvent[],
  game: string | undefined,
): readonly GameSummary[] {
  const byGame = new Map<string, {place: GamePlace; events: ResolvedEvent[]}>();
  for (const each of resolved) {
    for (const place of placesOf(frame, each.event)) {
      if (game !== undefined && place.game !== game) continue;
      const found = byGame.get(place.game) ?? {place, events: []};
      byGame.set(place.game, found);
      found.events.push(each);
    }
  }
  return [...byGame.values()]
    .map(({place, events}) => summaryOf(frame, place, events))
    .toSorted((a, b) => (a.date === b.date ? order(a.game, b.game) : order(b.date, a.date)));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface GamePlace {
  readonly game: string;
  readonly date: string;
  readonly teams: readonly string[];
}

/** The games that an event speaks of; none where its key is no date with games. */
function placesOf(frame: Frame, {asset, key, game}: CoverageEvent): readonly GamePlace[] {
  const found = frame.assets.get(asset as AssetName); // the log may know assets that are declared no more
  const ordinal = found?.ordinalOf.get(key);
  const played =
    found?.asset.partitioning.kind === 'date' && ordinal !== undefined
      ? (found.calendar?.games[ordinal] ?? [])
      : [];
  return played
    .filter(({id}) => game === undefined || id === game)
    .map(({id, teams}) => ({game: id, date: key, teams}));
}

function summaryOf(frame: Frame, place: GamePlace, events: readonly ResolvedEvent[]): GameSummary {
  const holding = [...frame.assets.values()].filter(asset => holds(asset, place));
  const scores = holding
    .filter(({asset}) => asset.covers !== undefined)
    .map(asset => frame.quality.scoreAt(asset, asset.ordinalOf.get(place.date) ?? -1));
  const ranks = events.map(({event}) => SEVERITIES.indexOf(event.severity));
  return {
    ...place,
    worst: SEVERITIES[ranks.reduce((most, rank) => Math.max(most, rank), 0)] ?? 'info',
    sources: holding.flatMap(asset => sourcesAt(asset, place)),
    score: scores.length === 0 ? undefined : scores.reduce((least, score) => Math.min(least, score)),
    events: events.length,
    open: events.flatMap(({event, resolution}) => (resolution.kind === 'open' ? [event] : [])),
  };
}

/** Whether a published partition of its date holds the game. */
function holds(asset: AssetFrame, {game, date}: GamePlace): boolean {
  const ordinal = asset.ordinalOf.get(date) ?? -1;
  const isPlayed = asset.calendar?.games[ordinal]?.some(({id}) => id === game) === true;
  if (!isPlayed || asset.published[ordinal] !== 1) return false;
  return asset.record?.absent.get(asset.row[ordinal] ?? -1)?.includes(game) !== true;
}

function sourcesAt(asset: AssetFrame, {game, date}: GamePlace): readonly string[] {
  const ordinal = asset.ordinalOf.get(date) ?? -1;
  return trustAt(asset, ordinal)
    .sources.filter(({games}) => games === 'all' || games.includes(game))
    .map(({name}) => `${asset.asset.name}: ${name}`);
}

/** Empty where there is nothing to resolve. */
export function resolutionText(resolution: Resolution, since: number): string {
  switch (resolution.kind) {
    case 'published':
      return `resolved ${ageText(resolution.at - since)} later by run ${resolution.run}`;
    case 'accepted': {
      const {acceptedBy, acceptedOn, reason} = resolution.gap;
      return `accepted by ${acceptedBy} on ${acceptedOn}: ${reason}`;
    }
    case 'open':
      return 'open';
    case 'noted':
      return '';
    default:
      return unreachable(resolution);
  }
}

/** As data; additive changes only. */
export function eventJson({event, resolution}: ResolvedEvent): object {
  const {game, source, run, at, ...rest} = event;
  return {
    at: new Date(at).toISOString(),
    ...rest,
    game: game ?? null,
    source: source ?? null,
    run: run ?? null,
    resolution: resolutionJson(resolution),
  };
}

function resolutionJson(resolution: Resolution): object {
  switch (resolution.kind) {
    case 'published':
      return {...resolution, at: new Date(resolution.at).toISOString()};
    case 'accepted': {
      const {reason, acceptedBy, acceptedOn} = resolution.gap;
      return {kind: 'accepted', reason, by: acceptedBy, on: acceptedOn};
    }
    default:
      return resolution;
  }
}

export function gameJson({open, score, ...rest}: GameSummary): object {
  return {
    ...rest,
    score: score ?? null,
    open: open.map(({asset, key, kind, severity, source, detail}) => ({
      asset,
      key,
      kind,
      severity,
      source: source ?? null,
      detail,
    })),
  };
}
