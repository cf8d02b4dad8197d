/**
 * The gaps of a pipeline as a command asks for them: filtered, and alike ones together.
 * It finds none (planner/gaps.ts) and prints nothing.
 */
import {findVoid, type VoidAcceptance} from '../planner/accepted.ts';
import {chooseOrdinals} from '../planner/asked.ts';
import {type AssetFrame, type Frame, refOf} from '../planner/frame.ts';
import type {Gap} from '../planner/gap.ts';
import {causeSentence} from '../planner/gap-sentence.ts';
import {absentGames, findGaps} from '../planner/gaps.ts';
import type {PlanRequest} from '../planner/plan.ts';
import {seasonOf} from '../planner/range.ts';
import {groupBy} from './group.ts';
import {type Head, headOf} from './head.ts';

export interface GapFilter {
  /** Milliseconds. */
  readonly olderThan: number | undefined;
  readonly standing: 'open' | 'accepted' | 'void' | undefined;
}

export interface FoundGaps {
  readonly head: Head;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly frame: Frame;
  readonly gaps: readonly Gap[];
  readonly voids: readonly VoidAcceptance[];
}

export function gapsAsked(frame: Frame, request: PlanRequest, filter: GapFilter): FoundGaps {
  const {now} = frame;
  const isMeant = ({standing, since}: Gap): boolean =>
    (filter.standing === undefined || filter.standing === standing) &&
    (filter.olderThan === undefined || (since !== undefined && now - since >= filter.olderThan));
  const chosen = new Map<AssetFrame, Uint8Array | undefined>();
  const isChosen = (asset: AssetFrame, ordinal: number): boolean => {
    if (!chosen.has(asset)) chosen.set(asset, chooseOrdinals(asset, request));
    return chosen.get(asset)?.[ordinal] !== 0;
  };
  return {
    head: headOf(frame),
    now,
    frame,
    gaps: filter.standing === 'void' ? [] : findGaps(frame, request).filter(isMeant),
    voids: findVoid(frame, isChosen),
  };
}

/** Gaps of one asset that the same is to be said of. */
export interface GapGroup {
  readonly asset: string;
  /** Empty where several seasons are told together. */
  readonly season: string;
  /** The state, or `games` where a partition stands but for some games. */
  readonly label: string;
  readonly keys: readonly string[];
  readonly games: {readonly open: number; readonly accepted: number} | undefined;
  /** The games that they lack, where they are published; of others it is every game. */
  readonly lacks: readonly string[];
  /** Of the oldest. */
  readonly since: number | undefined;
  readonly cause: string;
  readonly expired: string | undefined;
}

/** What stands at the head of some groups, and how many partitions there are below it. */
export interface GapSection {
  readonly title: string;
  readonly groups: readonly GapGroup[];
}

export type GapsBy = 'asset' | 'season' | 'cause';

export function sectionsOf(
  {frame, gaps}: Pick<FoundGaps, 'frame' | 'gaps'>,
  by: GapsBy,
): readonly GapSection[] {
  const sections = [...groupBy(gaps, gap => sectionKey(gap, by))].map(([title, members]) => {
    const alike = groupBy(members, gap => groupKey(gap, by));
    const groups = [...alike.values()].flatMap(own => groupOf(frame, own, by) ?? []);
    return {title: by === 'cause' ? causeTitle(members) : title, groups};
  });
  if (by === 'asset') return sections;
  if (by === 'season') return sections.toSorted((a, b) => (a.title < b.title ? -1 : 1));
  const size = ({groups}: GapSection) => groups.reduce((sum, {keys}) => sum + keys.length, 0);
  return sections.toSorted((a, b) => size(b) - size(a));
}

const ALL = 'all';

function seasonAt({asset, ordinal}: Gap): string {
  return seasonOf(asset, ordinal) || ALL;
}

function sectionKey(gap: Gap, by: GapsBy): string {
  switch (by) {
    case 'asset':
      return gap.asset.asset.name;
    case 'season':
      return seasonAt(gap);
    case 'cause':
      return causeKey(gap);
  }
}

/** Causes that differ in numbers alone, such as dates in addresses, are one. */
function causeKey({root, cause}: Gap): string {
  const own = 'error' in cause ? cause.error.replaceAll(/\d+/g, '#') : '';
  const gap =
    cause.kind === 'accepted'
      ? JSON.stringify([cause.gap.reason, cause.gap.acceptedBy, cause.gap.acceptedOn])
      : '';
  return `${root.asset.asset.name} ${cause.kind} ${own}${gap}`;
}

function groupKey(gap: Gap, by: GapsBy): string {
  const season = by === 'cause' ? '' : seasonAt(gap);
  const cause = by === 'cause' ? '' : causeKey(gap);
  return JSON.stringify([gap.asset.asset.name, season, labelOf(gap), cause, gap.expired ?? '']);
}

function labelOf({state}: Gap): string {
  return state === 'missing' || state === 'partial' || state === 'accepted' ? state : 'games';
}

function groupOf(frame: Frame, gaps: readonly Gap[], by: GapsBy): GapGroup | undefined {
  const [first] = gaps;
  if (first === undefined) return undefined;
  const sum = (of: (games: NonNullable<Gap['games']>) => number) =>
    gaps.reduce((total, {games}) => total + (games === undefined ? 0 : of(games)), 0);
  const oldest = gaps.reduce((least, {since = least}) => Math.min(least, since), Number.POSITIVE_INFINITY);
  return {
    asset: first.asset.asset.name,
    season: by === 'cause' ? '' : seasonAt(first),
    label: labelOf(first),
    keys: gaps.map(({asset, ordinal}) => asset.keys[ordinal] ?? ''),
    games: first.games && {open: sum(({open}) => open), accepted: sum(({accepted}) => accepted)},
    lacks: gaps.flatMap(gap => lacksAt(frame, gap)),
    since: Number.isFinite(oldest) ? oldest : undefined,
    cause: by === 'cause' ? '' : causeText(gaps),
    expired: first.expired,
  };
}

function lacksAt(frame: Frame, {asset, ordinal}: Gap): readonly string[] {
  if (asset.published[ordinal] === 0) return [];
  const absent = absentGames(frame, asset, ordinal);
  return absent === undefined ? [] : [...absent.open, ...absent.accepted];
}

function causeText(gaps: readonly Gap[]): string {
  const [first] = gaps;
  if (first === undefined) return '';
  const {asset, ordinal, root, cause} = first;
  const isOwn = root.asset === asset && root.ordinal === ordinal;
  const roots = new Set(gaps.map(each => each.root.ordinal));
  const isAwaited = asset.published[ordinal] === 0;
  return causeSentence(
    cause,
    isOwn ? undefined : {ref: refOf(root.asset, root.ordinal), count: roots.size, isAwaited},
  );
}

/** The cause as the root itself has it. */
function causeTitle(gaps: readonly Gap[]): string {
  const [first] = gaps;
  return first === undefined
    ? ''
    : `${first.root.asset.asset.name}: ${causeSentence(first.cause, undefined)}`;
}

/** As data, a gap a partition; version 1, additive changes only. */
export function gapsJson({head, now, frame, gaps, voids}: FoundGaps): object {
  const {pipeline, target} = head;
  return {
    version: 1,
    pipeline,
    target,
    now: head.now,
    gaps: gaps.map(gap => gapJson(frame, gap, now)),
    void: voids.map(({gap, asset, ordinals, games}) => ({
      asset: gap.asset,
      keys: ordinals.map(ordinal => asset.keys[ordinal]),
      games,
      reason: gap.reason,
      acceptedBy: gap.acceptedBy,
      acceptedOn: gap.acceptedOn,
    })),
  };
}

function gapJson(frame: Frame, gap: Gap, now: number): object {
  const {asset, ordinal, state, standing, since, root, cause, expired} = gap;
  const {gap: signed, ...rest} = cause.kind === 'accepted' ? cause : {...cause, gap: undefined};
  return {
    asset: asset.asset.name,
    season: seasonAt(gap),
    key: asset.keys[ordinal],
    state,
    standing,
    since: since === undefined ? null : new Date(since).toISOString(),
    days: since === undefined ? null : Math.floor((now - since) / 86_400_000),
    root: refOf(root.asset, root.ordinal),
    cause: {
      ...rest,
      ...(signed === undefined
        ? {}
        : {reason: signed.reason, by: signed.acceptedBy, on: signed.acceptedOn, until: signed.until ?? null}),
    },
    ...(gap.games === undefined ? {} : {games: absentGames(frame, asset, ordinal)}),
    ...(expired === undefined ? {} : {expired}),
  };
}
