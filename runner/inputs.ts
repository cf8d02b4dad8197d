/**
 * What a batch reads: for each edge the keys that are there and valid, and which of them belong to which key to be
 * made. An input that is absent adds nothing here, as it adds nothing to the digest.
 */
import {type AssetFrame, type EdgeFrame, isValid, keyAt} from '../planner/frame.ts';
import {seasonOf} from '../planner/range.ts';
import {ordinalAt, ordinalsRead, type Reads} from '../planner/window.ts';
import {hasWindowRelation} from '../planner/window-text.ts';
import type {InputSpec, PartitionSpec} from './warehouse.ts';
import {isTable, tableOf} from './workshop.ts';

export function partitionSpecs(asset: AssetFrame, ordinals: readonly number[]): readonly PartitionSpec[] {
  const isAll = asset.asset.partitioning.kind === 'all';
  return ordinals.map(ordinal => ({
    key: keyAt(asset, ordinal),
    season: isAll ? null : seasonOf(asset, ordinal),
  }));
}

/** The tables that a batch reads; edges to `files` assets are read by TypeScript alone. */
export function inputSpecs(asset: AssetFrame, ordinals: readonly number[]): readonly InputSpec[] {
  return asset.edges
    .filter(({upstream}) => isTable(upstream.asset))
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

function windowOf(
  asset: AssetFrame,
  {edge, upstream, reads}: EdgeFrame,
  ordinals: readonly number[],
): NonNullable<InputSpec['window']> {
  const key: string[] = [];
  const upstreamKey: string[] = [];
  const team: string[] = [];
  const gameId: string[] = [];
  for (const ordinal of ordinals) {
    const own = keyAt(asset, ordinal);
    for (const item of itemsRead(reads, ordinal)) {
      if (!isValid(upstream, item.ordinal)) continue;
      key.push(own);
      upstreamKey.push(keyAt(upstream, item.ordinal));
      team.push(item.team);
      gameId.push(item.game);
    }
  }
  const isByGames = edge.window.kind === 'games';
  return {key, upstreamKey, team: isByGames ? team : undefined, gameId: isByGames ? gameId : undefined};
}

/** The members of a window one by one: dates, or the games of each team. */
function* itemsRead(reads: Reads, ordinal: number): Generator<{ordinal: number; team: string; game: string}> {
  for (const sequence of reads) {
    const {team, from, to} = sequence;
    for (let i = from[ordinal] ?? 0; i < (to[ordinal] ?? 0); i++) {
      yield {ordinal: ordinalAt(sequence, i), team: team?.team ?? '', game: team?.games[i] ?? ''};
    }
  }
}
