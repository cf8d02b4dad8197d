/**
 * Why an asset has no partition of some key, and which keys there are instead.
 * It does not deal with keys that exist.
 */
import {dayOf} from './day.ts';
import type {AssetFrame, Frame} from './frame.ts';
import type {LedgerSnapshot} from './ledger.ts';
import {unreachable} from './unreachable.ts';

export type Whereabouts =
  /** No key is known at all. */
  | {readonly kind: 'none-known'}
  /** A date for a table of seasons, or no key of any kind. */
  | {readonly kind: 'other-grain'; readonly first: string; readonly last: string}
  | {readonly kind: 'before-start'; readonly start: string}
  | {readonly kind: 'after-end'; readonly end: string}
  /** Games were planned on the date, and none is played on it. */
  | {
      readonly kind: 'not-played';
      readonly games: number;
      readonly before: string | undefined;
      readonly after: string | undefined;
    }
  /** Between two keys. */
  | {readonly kind: 'between'; readonly before: string; readonly after: string}
  | {readonly kind: 'outside'; readonly first: string; readonly last: string};

export function whereaboutsOf(
  {asset, keys, calendar}: AssetFrame,
  key: string,
  {frame, ledger}: {readonly frame: Frame; readonly ledger: LedgerSnapshot},
): Whereabouts {
  const [first, last] = [keys[0], keys.at(-1)];
  if (first === undefined || last === undefined) return {kind: 'none-known'};
  // '2024-01-15' is no season between '2023-24' and '2024-25'.
  if (first.length !== key.length || Number.isNaN(dayOf(first)) !== Number.isNaN(dayOf(key)))
    return {kind: 'other-grain', first, last};
  const {start, end} = frame.pipeline;
  if (asset.partitioning.kind === 'date') {
    if (start !== undefined && key < start) return {kind: 'before-start', start};
    if (end !== undefined && key > end) return {kind: 'after-end', end};
  }
  const before = keys.findLast(each => each < key);
  const after = keys.find(each => each > key);
  const games =
    ledger.calendars.get(calendar?.name ?? '')?.games.filter(({date}) => date === key).length ?? 0;
  if (games > 0) return {kind: 'not-played', games, before, after};
  if (before === undefined || after === undefined) return {kind: 'outside', first, last};
  return {kind: 'between', before, after};
}

/** Without a full stop. */
export function whereaboutsText(found: Whereabouts): string {
  switch (found.kind) {
    case 'none-known':
      return 'none is known yet; dates are known once the calendar is made';
    case 'other-grain':
    case 'outside':
      return `they go from ${found.first} to ${found.last}`;
    case 'before-start':
      return `the pipeline starts on ${found.start}`;
    case 'after-end':
      return `the pipeline ends on ${found.end}`;
    case 'not-played': {
      const games = found.games === 1 ? 'its 1 game is' : `its ${found.games} games are`;
      return `${games} postponed or cancelled${nearest(found)}`;
    }
    case 'between':
      return nearest(found).slice(2);
    default:
      return unreachable(found);
  }
}

function nearest({
  before,
  after,
}: {
  readonly before: string | undefined;
  readonly after: string | undefined;
}): string {
  const near = [before, after].filter(each => each !== undefined);
  if (near.length === 2) return `; the nearest are ${near.join(' and ')}`;
  return near.length === 1 ? `; the nearest is ${near[0]}` : '';
}
