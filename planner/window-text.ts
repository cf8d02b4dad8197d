/**
 * Reads an edge's window from its text and the grains of both ends.
 * It does not deal with which keys a window holds (window.ts).
 */
import type {Partitioning, Window} from './pipeline.ts';
import {unreachable} from './unreachable.ts';

export type Grain = Partitioning['kind'];

export const WINDOW_HINT =
  "'N days', 'N dates', 'N games per team', 'N games per playing team', 'season to date', 'previous' or 'all'";

/** A window, or the sentence that says why there is none. */
export type WindowResult =
  | {readonly kind: 'window'; readonly window: Window}
  | {readonly kind: 'wrong'; readonly message: string};

/** The most keys, days or games that a window may count. */
const MOST = 10_000;

/** What an edge reads where the manifest gives no window. */
export function defaultWindow(own: Grain, upstream: Grain): WindowResult {
  if (upstream === 'all') return found(own === 'all' ? {kind: 'same'} : {kind: 'whole'});
  if (own === upstream) return found({kind: 'same'});
  switch (own) {
    case 'date':
      return found({kind: 'season-of-date'});
    case 'season':
      return found({kind: 'dates-of-season'});
    case 'all':
      return wrong(`An asset without partitions reads every ${upstream} of its upstream: say 'window: all'.`);
    default:
      return unreachable(own);
  }
}

/** The window that `text` asks for. */
export function parseWindow(
  text: string,
  ends: {readonly own: Grain; readonly upstream: Grain; readonly crossesSeasons: boolean},
): WindowResult {
  const words = text
    .trim()
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replaceAll('season-to-date', 'season to date');
  if (words === 'all') return allOf(ends);
  const window = parseDateWindow(words);
  if (typeof window === 'string') return wrong(window);
  if (window === undefined) return wrong(`'${text}' is no window: write ${WINDOW_HINT}, or leave it out.`);
  if (window.kind === 'previous' && ends.own === 'season' && ends.upstream === 'season') {
    return ends.crossesSeasons
      ? found(window)
      : wrong(`The season before is another season: add 'crosses_seasons: true' to read it.`);
  }
  if (ends.own !== 'date' || ends.upstream !== 'date') {
    const [end, grain] = ends.own === 'date' ? ['the upstream', ends.upstream] : ['this asset', ends.own];
    const mend = ends.own === 'all' ? "say 'all'" : 'leave the window out';
    return wrong(`'${text}' counts dates, but ${end} is partitioned by '${grain}': ${mend}.`);
  }
  return found(window);
}

function allOf({own, upstream}: {readonly own: Grain; readonly upstream: Grain}): WindowResult {
  if (upstream === 'all') return defaultWindow(own, upstream);
  return found({kind: 'all'});
}

/** A text where it is nearly a window and the sentence can say more. */
function parseDateWindow(words: string): Window | string | undefined {
  if (words === 'season to date') return {kind: 'season-to-date'};
  if (words === 'previous') return {kind: 'previous'};
  const [, digits, unit] = /^(\d+) (days?|dates?|games? per (?:playing )?team)$/.exec(words) ?? [];
  if (digits === undefined || unit === undefined) {
    return /^\d+ games?$/.test(words)
      ? `Say whose games: '${words} per team' or '${words} per playing team'.`
      : undefined;
  }
  const count = Number(digits);
  if (count < 1 || count > MOST) return `A window holds 1 to ${MOST} of what it counts, not ${digits}.`;
  if (unit.startsWith('day')) return {kind: 'days', count};
  if (unit.startsWith('date')) return {kind: 'dates', count};
  return {kind: 'games', count, teams: unit.includes('playing') ? 'playing' : 'every'};
}

/** Whether a query sees `<edge>_window` beside the edge. */
export function hasWindowRelation(window: Window): boolean {
  switch (window.kind) {
    case 'same':
    case 'season-of-date':
    case 'dates-of-season':
    case 'whole':
      return false;
    case 'days':
    case 'dates':
    case 'games':
    case 'season-to-date':
    case 'previous':
    case 'all':
      return true;
    default:
      return unreachable(window);
  }
}

function found(window: Window): WindowResult {
  return {kind: 'window', window};
}

function wrong(message: string): WindowResult {
  return {kind: 'wrong', message};
}
