/**
 * What lowered the score of a partition, each with the partition that it comes from: of its own, and of all that it
 * needs. It does not compute scores (quality.ts).
 */
import {acceptedGames} from './accepted.ts';
import {type AssetFrame, type EdgeFrame, type Frame, isSameKey, isValid, refOf, trustAt} from './frame.ts';
import {hasTable} from './making.ts';
import {bounds, weightOf} from './quality.ts';
import type {PartitionRef} from './reason.ts';
import {unreachable} from './unreachable.ts';
import {ordinalAt, ordinalsRead} from './window.ts';

export type QualityIssue = {readonly origin: PartitionRef} & (
  | {readonly kind: 'backup-source'; readonly source: string}
  | {readonly kind: 'reconstructed'; readonly source: string}
  | {readonly kind: 'missing-games'; readonly games: readonly string[]}
  | {readonly kind: 'failed-check'; readonly check: string; readonly count: number}
  /** A window that is declared to hold so many dates, or games of each team, and holds fewer. */
  | {readonly kind: 'thin-sample'; readonly held: number; readonly declared: number}
  /** The same where its season is too young for more. */
  | {readonly kind: 'early-season'; readonly held: number; readonly declared: number}
  | {readonly kind: 'stand-in'}
  /** Needed and not there; or signed off. */
  | {readonly kind: 'absent'}
  | {readonly kind: 'accepted'}
);

export interface QualityIssues {
  readonly issues: readonly QualityIssue[];
  /** How many more there are. */
  readonly more: number;
}

/** Its own first, then those of what it needs, in the order in which they are met. */
export function issuesOf(frame: Frame, asset: AssetFrame, ordinal: number, limit: number): QualityIssues {
  const found: QualityIssue[] = [];
  const seen = new Set<PartitionRef>();
  const open: {readonly asset: AssetFrame; readonly ordinal: number}[] = [{asset, ordinal}];
  for (let place = open.shift(); place !== undefined; place = open.shift()) {
    const origin = refOf(place.asset, place.ordinal);
    if (seen.has(origin)) continue;
    seen.add(origin);
    found.push(...ownIssues(frame, place.asset, place.ordinal, place.asset !== asset));
    if (place.asset !== asset && !isValid(place.asset, place.ordinal)) continue;
    for (const edge of place.asset.edges.filter(each => isNeeded(place.asset, place.ordinal, each))) {
      const {score} = frame.quality.scoresOf(edge.upstream);
      for (const i of ordinalsRead(edge.reads, place.ordinal)) {
        const isWhole = isValid(edge.upstream, i) && (score[i] ?? 0) >= 100;
        // What is whole in itself may still be made of few games.
        if (!isWhole || isSameKey(edge.edge)) open.push({asset: edge.upstream, ordinal: i});
      }
    }
  }
  return {issues: found.slice(0, limit), more: Math.max(0, found.length - limit)};
}

function isNeeded(asset: AssetFrame, ordinal: number, edge: EdgeFrame): boolean {
  if (bounds(edge)) return true;
  const {source} = edge.edge;
  if (source === undefined || !hasTable(edge.upstream.asset.making.kind)) return false;
  const name = asset.asset.cascade?.sources[source]?.name;
  return trustAt(asset, ordinal).sources.some(used => used.name === name);
}

function ownIssues(
  frame: Frame,
  asset: AssetFrame,
  ordinal: number,
  isInput: boolean,
): readonly QualityIssue[] {
  const origin = refOf(asset, ordinal);
  if (!isValid(asset, ordinal)) {
    if (!isInput || asset.exempt[ordinal] === 1) return [];
    if (asset.accepted[ordinal] === 1) return [{kind: 'accepted', origin}];
    return weightOf(asset, asset, ordinal) === 0 ? [] : [{kind: 'absent', origin}];
  }
  return [
    ...sourceIssues(asset, ordinal, origin),
    ...gameIssues(frame, asset, ordinal, origin),
    ...trustAt(asset, ordinal).warned.map(
      ({check, count}): QualityIssue => ({kind: 'failed-check', check, count, origin}),
    ),
    ...asset.edges.flatMap(edge => sampleIssue(edge, ordinal, origin) ?? []),
  ];
}

function sourceIssues(asset: AssetFrame, ordinal: number, origin: PartitionRef): readonly QualityIssue[] {
  const {sources, ceiling} = trustAt(asset, ordinal);
  const ranked = asset.asset.cascade?.sources ?? [];
  if (sources.length === 0) return ceiling === 0 ? [{kind: 'stand-in', origin}] : [];
  return sources.flatMap(({name}): readonly QualityIssue[] => {
    const rank = ranked.findIndex(source => source.name === name);
    if (ranked[rank]?.query !== undefined) return [{kind: 'reconstructed', source: name, origin}];
    return rank > 0 ? [{kind: 'backup-source', source: name, origin}] : [];
  });
}

function gameIssues(
  frame: Frame,
  asset: AssetFrame,
  ordinal: number,
  origin: PartitionRef,
): readonly QualityIssue[] {
  const accepted = acceptedGames(frame, asset, ordinal);
  const absent = asset.record?.absent.get(asset.row[ordinal] ?? -1) ?? [];
  const games = absent.filter(game => !accepted.has(game));
  return games.length === 0 ? [] : [{kind: 'missing-games', games, origin}];
}

/** Of windows by dates or games: the fewest that any team has. */
function sampleIssue(edge: EdgeFrame, ordinal: number, origin: PartitionRef): QualityIssue | undefined {
  const {window} = edge.edge;
  if (!bounds(edge) || (window.kind !== 'dates' && window.kind !== 'games')) return undefined;
  let [members, held] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const sequence of edge.reads) {
    const [from, to] = [sequence.from[ordinal] ?? 0, sequence.to[ordinal] ?? 0];
    // A team that does not play on the key is not read.
    if (to <= from && window.kind === 'games') continue;
    let valid = 0;
    for (let at = from; at < to; at++) if (isValid(edge.upstream, ordinalAt(sequence, at))) valid++;
    members = Math.min(members, to - from);
    held = Math.min(held, valid);
  }
  const declared = window.count;
  if (!Number.isFinite(members) || held >= declared) return undefined;
  const kind = members < declared && held === members ? 'early-season' : 'thin-sample';
  return {kind, held, declared, origin};
}

/** Without its origin and without a full stop. */
export function issueText(issue: QualityIssue): string {
  switch (issue.kind) {
    case 'backup-source':
      return `rows of the lower source '${issue.source}'`;
    case 'reconstructed':
      return `reconstructed by '${issue.source}'`;
    case 'missing-games':
      return `without ${issue.games.length === 1 ? 'game' : 'games'} ${issue.games.join(', ')}`;
    case 'failed-check':
      return `${issue.check} did not hold (${issue.count})`;
    case 'thin-sample':
      return `a sample of ${issue.held} where ${issue.declared} are declared`;
    case 'early-season':
      return `early in its season: ${issue.held} of ${issue.declared}`;
    case 'stand-in':
      return 'no source had it: what is there stands in for it';
    case 'absent':
      return 'not there';
    case 'accepted':
      return 'a gap that was signed off';
    default:
      return unreachable(issue);
  }
}
