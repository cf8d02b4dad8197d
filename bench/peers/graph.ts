/**
 * What a peer is given of a made project: the same assets and edges, as many days, the same of them filled.
 * It does not deal with how any tool writes it down.
 */
import type {Window} from '../../planner/pipeline.ts';
import {unreachable} from '../../planner/unreachable.ts';
import {readLedger} from '../../runner/ledger-open.ts';
import {fileLedger} from '../../runner/ledger-place.ts';
import type {MadeProject} from '../made-project.ts';

/** `days` 0: the same day; else that many days before it. */
export interface PeerEdge {
  readonly upstream: string;
  readonly days: number;
}

export interface PeerAsset {
  readonly name: string;
  readonly upstream: readonly PeerEdge[];
  /** Stretches of filled days, [from, to), counted from the first day. */
  readonly filled: readonly (readonly [number, number])[];
}

export interface PeerGraph {
  /** Upstream before downstream. */
  readonly assets: readonly PeerAsset[];
  /** ISO dates, both meant. */
  readonly first: string;
  readonly last: string;
  readonly unfilled: number;
}

/** Over in every zone and on every clock: tools that look at today's date are not to leave days out. */
const LAST_DAY = Date.UTC(2025, 5, 30);
const DAY = 86_400_000;

/** Of a project with a listed calendar, whose dates are days without holes. They end on another day here. */
export function graphOf({pipeline, ledger}: MadeProject): PeerGraph {
  const dates = [...pipeline.calendars.values()].flatMap(({source}) =>
    source.kind === 'list' ? source.entries.map(({date}) => date) : [],
  );
  const places = new Map(dates.map((date, i) => [date, i]));
  const filled = readLedger(
    fileLedger(ledger),
    snapshot =>
      new Map(
        [...pipeline.assets.keys()].map(name => [
          name,
          (snapshot.find(name)?.keys ?? []).map(key => places.get(key) ?? 0),
        ]),
      ),
  );
  let unfilled = 0;
  const assets = [...pipeline.assets.values()].map(({name, upstream}): PeerAsset => {
    const days = filled.get(name) ?? [];
    unfilled += dates.length - days.length;
    const reads = upstream.map(edge => ({upstream: nameOf(edge.upstream), days: daysOf(edge.window)}));
    return {name: nameOf(name), upstream: reads, filled: stretches(days)};
  });
  const dayAt = (place: number) =>
    new Date(LAST_DAY - (dates.length - 1 - place) * DAY).toISOString().slice(0, 10);
  return {assets, first: dayAt(0), last: dayAt(dates.length - 1), unfilled};
}

/** Without the schema: the peers put one of their own before it. */
function nameOf(asset: string): string {
  return asset.slice(asset.indexOf('.') + 1);
}

/** No peer knows seasons: a window over one to date is given as the half year that it is in the mean. */
const HALF_A_SEASON = 182;

function daysOf(window: Window): number {
  switch (window.kind) {
    case 'days':
    case 'dates':
      return window.count;
    case 'season-to-date':
      return HALF_A_SEASON;
    case 'same':
      return 0;
    case 'season-of-date':
    case 'dates-of-season':
    case 'whole':
    case 'games':
    case 'previous':
    case 'all':
      throw new Error(`Internal error: a made project has no window '${window.kind}'.`);
    default:
      return unreachable(window);
  }
}

function stretches(places: readonly number[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const place of places.toSorted((a, b) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === place) last[1] = place + 1;
    else found.push([place, place + 1]);
  }
  return found;
}
