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
  const ordinal = ordinalIn(found, key);
  return Object.fromEntries(
    reads.flatMap(({team, from, to}) => {
      if (team === undefined) throw new Error(`${edge} is no window by games`);
      const dates = [...team.ordinals.slice(from[ordinal], to[ordinal])].map(i => keyAt(upstream, i));
      return dates.length === 0 ? [] : [[team.team, dates] as const];
    }),
  );
}

function edgeOf({edges}: ReturnType<Toy['asset']>, name: string) {
  const edge = edges.find(candidate => candidate.edge.name === name);
  if (edge === undefined) throw new Error(`There is no edge ${name}`);
  return edge;
}
