/**
 * Rows that stand in for a partition which no source has: nulls, one row a game where games are counted.
 * It does not deal with when they are wanted (`on_missing`).
 */
import {type AssetFrame, keyAt} from '../planner/frame.ts';
import type {Row, Value} from './asset.ts';
import {gamesOf} from './finish.ts';

export function placeholderRows(asset: AssetFrame, ordinal: number): readonly Row[] {
  const {columns, covers, partitioning} = asset.asset;
  const nulls = columns.map(({name}): [string, Value] => [name, null]);
  const key: Row = partitioning.kind === 'all' ? {} : {[partitioning.column]: keyAt(asset, ordinal)};
  const blank: Row = {...Object.fromEntries(nulls), ...key};
  const isText = columns.some(({name, type}) => name === covers?.column && type === 'string');
  const games = covers !== undefined && isText ? gamesOf(asset, ordinal) : [];
  return games.length === 0 ? [blank] : games.map(game => ({...blank, [covers?.column ?? '']: game}));
}
