/**
 * What a batch reads: for each edge the keys that are there and valid, and which of them belong to which key to be
 * made. An input that is absent adds nothing here, as it adds nothing to the digest.
 */
import {type AssetFrame, type EdgeFrame, isValid, keyAt} from '../planner/frame.ts';
import type {Edge} from '../planner/pipeline.ts';
import {shownScore} from '../planner/quality.ts';
import {seasonOf} from '../planner/range.ts';
import {ordinalAt, ordinalsRead} from '../planner/window.ts';
import {hasWindowRelation} from '../planner/window-text.ts';
import type {InputSpec, PartitionSpec, StageRequest, WindowSpec} from './warehouse.ts';
import {isTable, tableOf} from './workshop.ts';

/** What of a batch the warehouse must know, whatever makes its rows; of the edges that `isMeant`. */
export function specsOf(
  asset: AssetFrame,
  ordinals: readonly number[],
  isMeant: (edge: Edge) => boolean = () => true,
): StageRequest {
  return {
    table: tableOf(asset.asset),
    partitions: partitionSpecs(asset, ordinals),
    inputs: inputSpecs(asset, ordinals, isMeant),
  };
}

function partitionSpecs(asset: AssetFrame, ordinals: readonly number[]): readonly PartitionSpec[] {
  const isAll = asset.asset.partitioning.kind === 'all';
  return ordinals.map(ordinal => ({
    key: keyAt(asset, ordinal),
    season: isAll ? null : seasonOf(asset, ordinal),
    ...(asset.showsQuality ? {quality: shownScore(asset, ordinal)} : {}),
  }));
}

/** The tables that a batch reads; edges to `files` assets are read by TypeScript alone. */
function inputSpecs(
  asset: AssetFrame,
  ordinals: readonly number[],
  isMeant: (edge: Edge) => boolean,
): readonly InputSpec[] {
  return asset.edges
    .filter(({edge, upstream}) => isTable(upstream.asset) && isMeant(edge))
    .map(edge => ({
      edge: edge.edge.name,
      table: tableOf(edge.upstream.asset),
      keys: validKeys(edge, ordinals),
      window: hasWindowRelation(edge.edge.window) ? windowOf(asset, edge, ordinals) : undefined,
    }));
}

/** Upstream keys that any of `ordinals` reads over an edge, ascending, of those that are published and valid. */
export function validKeys({reads, upstream}: EdgeFrame, ordinals: readonly number[]): readonly string[] {
  const isRead = new Uint8Array(upstream.keys.length);
  for (const ordinal of ordinals) for (const i of ordinalsRead(reads, ordinal)) isRead[i] = 1;
  return upstream.keys.filter((_, i) => isRead[i] === 1 && isValid(upstream, i));
}

/** One list of members for all sequences, each behind the one before it; positions that no key reads are left out. */
function windowOf(
  asset: AssetFrame,
  {edge, upstream, reads}: EdgeFrame,
  ordinals: readonly number[],
): WindowSpec {
  const positions: number[] = [];
  const upstreamKeys: string[] = [];
  const teams: string[] = [];
  const gameIds: string[] = [];
  const stretches = {keys: [] as string[], from: [] as number[], to: [] as number[]};
  let offset = 0;
  for (const sequence of reads) {
    const {team} = sequence;
    const length = team === undefined ? upstream.keys.length : team.ordinals.length;
    const isRead = new Uint8Array(length);
    for (const ordinal of ordinals) {
      const from = sequence.from[ordinal] ?? 0;
      const to = sequence.to[ordinal] ?? 0;
      if (to <= from) continue;
      isRead.fill(1, from, to);
      stretches.keys.push(keyAt(asset, ordinal));
      stretches.from.push(offset + from);
      stretches.to.push(offset + to);
    }
    for (let position = 0; position < length; position++) {
      const ordinal = ordinalAt(sequence, position);
      if (isRead[position] === 0 || !isValid(upstream, ordinal)) continue;
      positions.push(offset + position);
      upstreamKeys.push(keyAt(upstream, ordinal));
      teams.push(team?.team ?? '');
      gameIds.push(team?.games[position] ?? '');
    }
    offset += length;
  }
  const isByGames = edge.window.kind === 'games';
  const byGames = isByGames ? {teams, gameIds} : {teams: undefined, gameIds: undefined};
  return {members: {positions, upstreamKeys, ...byGames}, stretches};
}
