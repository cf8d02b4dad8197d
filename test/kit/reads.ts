/** What the windows of a toy hold, in words. */
import {keyAt} from '../../planner/frame.ts';
import {ordinalsRead} from '../../planner/window.ts';
import {ordinalIn, type Toy} from './toy.ts';

/** The upstream keys that `asset@key` reads over an edge. */
export function keysRead(toy: Toy, asset: string, key: string, edge = 'games'): readonly string[] {
  const found = toy.asset(asset);
  const {reads, upstream} = edgeOf(found, edge);
  return ordinalsRead(reads, ordinalIn(found, key)).map(i => keyAt(upstream, i));
}

/** By team: the dates of its games in the window. */
export function gamesRead(toy: Toy, asset: string, key: string, edge = 'games'): Record<string, string[]> {
  const found = toy.asset(asset);
  const {reads, upstream} = edgeOf(found, edge);
  if (reads.kind !== 'games') throw new Error(`${edge} is no window by games`);
  return Object.fromEntries(
    reads.segments(ordinalIn(found, key)).map(({team, from, to}) => {
      const list = reads.teams[team];
      return [list?.team ?? '', [...(list?.ordinals ?? []).slice(from, to)].map(i => keyAt(upstream, i))];
    }),
  );
}

function edgeOf({edges}: ReturnType<Toy['asset']>, name: string) {
  const edge = edges.find(candidate => candidate.edge.name === name);
  if (edge === undefined) throw new Error(`There is no edge ${name}`);
  return edge;
}
