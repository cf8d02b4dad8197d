/**
 * What is left of signed-off gaps when keys or games of them are reopened.
 * It does not write (known-gaps-edit.ts), nor say what becomes of the partitions (state-changes.ts).
 */
import {dateOf, dayOf} from './day.ts';
import {isSeason} from './duration.ts';
import type {AssetFrame} from './frame.ts';
import type {EntryEdit, GapEntry} from './known-gaps-edit.ts';
import {rangeText} from './known-gaps-edit.ts';
import type {AcceptedGap, KeyRange} from './pipeline.ts';
import {isMeant} from './range.ts';
import type {KeyPattern} from './range-text.ts';

export interface ReopenRequest {
  readonly patterns: readonly KeyPattern[];
  /** Undefined: all of them, and whole partitions. */
  readonly games: ReadonlySet<string> | undefined;
}

/** One entry of the file that says less than it did. */
export interface Reopened {
  readonly index: number;
  readonly was: AcceptedGap;
  /** What stands in its place; none where it goes. */
  readonly left: readonly GapEntry[];
  readonly edit: EntryEdit;
  /** Partitions that it named and no longer does, or whose games it did. */
  readonly freed: readonly {readonly ordinal: number; readonly games: readonly string[]}[];
}

/** `gaps`: those of the whole file, in its order. */
export function reopen(
  gaps: readonly AcceptedGap[],
  asset: AssetFrame,
  request: ReopenRequest,
): readonly Reopened[] {
  return gaps.flatMap((gap, index) => {
    if (gap.asset !== asset.asset.name) return [];
    const meant = asset.keys.flatMap((key, ordinal) =>
      speaksOf(gap.keys, key) && isMeant(asset, ordinal, request.patterns) ? [ordinal] : [],
    );
    if (request.games === undefined) return reopenKeys({gap, index, asset, meant}, request.patterns);
    if (gap.games.length > 0) return reopenGames({gap, index, asset, meant}, request.games);
    return splitWhole({gap, index, asset, meant}, request.games);
  });
}

interface Entry {
  readonly gap: AcceptedGap;
  readonly index: number;
  readonly asset: AssetFrame;
  /** Ordinals that it speaks of and that are meant. */
  readonly meant: readonly number[];
}

function reopenKeys({gap, index, asset, meant}: Entry, patterns: readonly KeyPattern[]): readonly Reopened[] {
  const keys = withoutRanges(gap.keys, cutsOf(asset, meant, patterns));
  if (isSame(keys, gap.keys)) return [];
  const rest = keys.flat();
  const isLost = (game: string): boolean =>
    meant.some(ordinal => gamesAt(asset, ordinal).includes(game)) && !isPlayedIn(asset, rest, game);
  const games = gap.games.filter(game => !isLost(game));
  const freed = meant.map(ordinal => ({
    ordinal,
    games: gap.games.filter(game => gamesAt(asset, ordinal).includes(game)),
  }));
  return [reopened({gap, index, keys, games, freed})];
}

function reopenGames({gap, index, asset, meant}: Entry, cut: ReadonlySet<string>): readonly Reopened[] {
  const freed = meant.flatMap(ordinal => {
    const games = gap.games.filter(game => cut.has(game) && gamesAt(asset, ordinal).includes(game));
    return games.length === 0 ? [] : [{ordinal, games}];
  });
  if (freed.length === 0) return [];
  const lost = new Set(freed.flatMap(each => each.games));
  const games = gap.games.filter(game => !lost.has(game));
  // A game that the calendar does not know, or no more, may be meant by any of the keys.
  const isOfAny = games.some(game => !isPlayedIn(asset, gap.keys, game));
  const emptied = new Set(
    freed.flatMap(({ordinal}) =>
      isOfAny || gamesAt(asset, ordinal).some(game => games.includes(game))
        ? []
        : [asset.keys[ordinal] ?? ''],
    ),
  );
  // A key alone, none of whose games is named any more, says nothing.
  const keys = gap.keys.map(range => (range.from === range.to && emptied.has(range.from) ? [] : [range]));
  return [reopened({gap, index, keys, games, freed})];
}

/** Of a partition that was signed off whole the other games stay signed off. */
function splitWhole({gap, index, asset, meant}: Entry, cut: ReadonlySet<string>): readonly Reopened[] {
  const freed = meant.flatMap(ordinal => {
    const games = gamesAt(asset, ordinal).filter(game => cut.has(game));
    return games.length === 0 ? [] : [{ordinal, games}];
  });
  if (freed.length === 0) return [];
  const split = freed.map(({ordinal}) => asset.keys[ordinal] ?? '');
  const keys = withoutRanges(
    gap.keys,
    split.map(key => ({from: key, to: key})),
  );
  const parts = freed.flatMap(({ordinal, games}, at) => {
    const others = gamesAt(asset, ordinal).filter(game => !games.includes(game));
    const key = split[at] ?? '';
    return others.length === 0 ? [] : [{...entryOf(gap), keys: [{from: key, to: key}], games: others}];
  });
  const found = reopened({gap, index, keys, games: [], freed});
  return [{...found, left: [...found.left, ...parts]}];
}

function reopened({
  gap,
  index,
  keys,
  games,
  freed,
}: {
  readonly gap: AcceptedGap;
  readonly index: number;
  readonly keys: readonly (readonly KeyRange[])[];
  readonly games: readonly string[];
  readonly freed: Reopened['freed'];
}): Reopened {
  const rest = keys.flat();
  const isGone = rest.length === 0 || (gap.games.length > 0 && games.length === 0);
  return {
    index,
    was: gap,
    left: isGone ? [] : [{...entryOf(gap), keys: rest, games}],
    freed,
    edit: {
      index,
      lists: isGone
        ? undefined
        : {
            keys: keys.map(ranges => ranges.map(rangeText)),
            games: gap.games.map(game => (games.includes(game) ? [game] : [])),
          },
    },
  };
}

function entryOf({at: _, ...gap}: AcceptedGap): GapEntry {
  return gap;
}

function gamesAt({calendar}: AssetFrame, ordinal: number): readonly string[] {
  return (calendar?.games[ordinal] ?? []).map(({id}) => id);
}

function isPlayedIn(asset: AssetFrame, ranges: readonly KeyRange[], game: string): boolean {
  return asset.keys.some((key, ordinal) => speaksOf(ranges, key) && gamesAt(asset, ordinal).includes(game));
}

function speaksOf(ranges: readonly KeyRange[], key: string): boolean {
  return ranges.some(({from, to}) => from <= key && key <= to);
}

/** Ranges of dates as they are said; of patterns and other grains the keys that they mean. */
function cutsOf(
  asset: AssetFrame,
  meant: readonly number[],
  patterns: readonly KeyPattern[],
): readonly KeyRange[] {
  const isDated = asset.asset.partitioning.kind === 'date';
  const ranges = patterns.filter(pattern => pattern.kind === 'range');
  const keys = meant.map(ordinal => asset.keys[ordinal] ?? '').map(key => ({from: key, to: key}));
  return isDated ? [...ranges.filter(({from}) => !Number.isNaN(dayOf(from))), ...keys] : keys;
}

function withoutRanges(
  ranges: readonly KeyRange[],
  cuts: readonly KeyRange[],
): readonly (readonly KeyRange[])[] {
  return ranges.map(range => cuts.reduce((rest, cut) => rest.flatMap(each => without(each, cut)), [range]));
}

function without(range: KeyRange, cut: KeyRange): KeyRange[] {
  if (cut.to < range.from || cut.from > range.to) return [range];
  return [
    ...(cut.from > range.from ? [{from: range.from, to: shift(cut.from, -1)}] : []),
    ...(cut.to < range.to ? [{from: shift(cut.to, 1), to: range.to}] : []),
  ];
}

/** The key before or after a date or season. */
function shift(key: string, by: 1 | -1): string {
  if (!isSeason(key)) return dateOf(dayOf(key) + by);
  const year = Number(key.slice(0, 4)) + by;
  return `${String(year).padStart(4, '0')}-${String((year + 1) % 100).padStart(2, '0')}`;
}

function isSame(keys: readonly (readonly KeyRange[])[], ranges: readonly KeyRange[]): boolean {
  return keys.every(
    (left, at) => left.length === 1 && left[0]?.from === ranges[at]?.from && left[0]?.to === ranges[at]?.to,
  );
}
